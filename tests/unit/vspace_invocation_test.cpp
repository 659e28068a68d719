// SPDX-License-Identifier: GPL-2.0-only
//
// What the kernel answers to invocations of paging capabilities: each error of seL4 16.0.0 with its argument, and which
// one comes first when several things are wrong. A refused invocation changes nothing.
#include <string>

#include <frame/detail/window_memory.hpp>
#include "kernel/vspace/page_fault.hpp"
#include "kernel/vspace/rights.hpp"
#include "tests/support/test.hpp"
#include "tests/support/world.hpp"

namespace {

using kernel::LookupFault;
using kernel::Outcome;
using kernel::SyscallError;
using Label = abi::InvocationLabel;
using test::World;
using Index = World::Index;

constexpr std::uint64_t base = 0x12'4000'0000;
constexpr std::uint64_t directory_span = std::uint64_t{1} << 30;
constexpr std::uint64_t pdpt_span = std::uint64_t{1} << 39;
/// The highest address that seL4 lets a mapping touch, its USER_TOP.
constexpr std::uint64_t user_top = 0x7fff'ffff'ffff;

std::string shown(const SyscallError& error) {
    return std::string{abi::name(error.code)} + " (" + std::to_string(error.first) + ", lookup " +
           std::string{abi::name(error.lookup.kind)} + ", " + std::to_string(error.lookup.bits_left) + " bits left)";
}

void check_refused(const Outcome& outcome, const std::unexpected<SyscallError>& expected,
                   std::source_location where = std::source_location::current()) {
    if (outcome) {
        test::fail("succeeded, expected " + shown(expected.error()), where);
    }
    if (!(outcome.error().error() == expected.error())) {
        test::fail("answered " + shown(outcome.error().error()) + ", expected " + shown(expected.error()), where);
    }
}

void check_done(const Outcome& outcome, std::source_location where = std::source_location::current()) {
    if (!outcome) {
        test::fail("answered " + shown(outcome.error().error()), where);
    }
}

std::unexpected<SyscallError> missing(std::uint64_t bits) {
    return kernel::error::failed_lookup(false, LookupFault::missing_capability(bits));
}
std::unexpected<SyscallError> invalid_root() {
    return kernel::error::failed_lookup(false, LookupFault::invalid_root());
}

struct Space : World {
    Index pool = make_pool();
    Index root = make_root(pool);
    Index page = carve(abi::ObjectType::Page4K);

    [[nodiscard]] Outcome map(Index frame, std::uint64_t address, Index to) { return map_page(frame, to, address); }
    [[nodiscard]] Outcome map(std::uint64_t address) { return map_page(page, root, address); }
    void make_tables() {
        (void)make_pdpt(root, base);
        (void)make_page_directory(root, base);
        (void)make_page_table(root, base);
    }
};

// --- Page Map ---

TEST("Page Map wants three words and a capability") {
    Space space;
    const auto map = [&](std::uint64_t length, std::optional<frame::SlotRef> root) {
        return space.invoke_with_length(space.slot(space.page), abi::number(Label::X86PageMap),
                                        {base, World::all_rights, 0}, length, {root});
    };
    check_refused(map(2, space.slot(space.root)), kernel::error::truncated_message());
    check_refused(map(3, std::nullopt), kernel::error::truncated_message());
    check_refused(map(3, space.slot(space.root)), missing(39));
}

TEST("Page Map wants a root with an ASID") {
    Space space;
    check_refused(space.map(space.page, base, space.page), kernel::error::invalid_capability(1));
    check_refused(space.map(space.page, base, space.pool), kernel::error::invalid_capability(1));
    const Index unassigned = space.carve(abi::ObjectType::Pml4);
    check_refused(space.map(space.page, base, unassigned), kernel::error::invalid_capability(1));
    // That comes before the address.
    check_refused(space.map(space.page, user_top + 1, unassigned), kernel::error::invalid_capability(1));
}

TEST("Page Map keeps below the top of user addresses") {
    Space space;
    const auto too_high = kernel::error::invalid_argument(0);
    check_refused(space.map(user_top + 1), too_high);
    check_refused(space.map(0xffff'ffff'ffff'f000), too_high);  // the end wraps to 0
    check_refused(space.map(0xffff'8000'0000'0000), too_high);
    check_refused(space.map(user_top - 0xfff), too_high);  // the page below the hole
    check_refused(space.map(user_top - 0xfff - 0x1000), missing(39));
    // An unaligned page may end at the very top, and is then refused for being unaligned.
    check_refused(space.map(user_top - 0x1000), kernel::error::alignment());
    check_refused(space.map(user_top - 0xffe), too_high);
    const Index large = space.carve(abi::ObjectType::LargePage);
    check_refused(space.map(large, (user_top + 1) - (1U << 21), space.root), too_high);
    check_refused(space.map(large, (user_top + 1) - (2U << 21), space.root), missing(39));
}

TEST("Page Map wants a live address space before alignment counts") {
    Space space;
    space.erase(space.pool);
    check_refused(space.map(base + 1), invalid_root());
    const Index pool = space.make_pool();
    check_refused(space.map(base + 1), invalid_root());
    (void)space.make_root(pool);  // gets the dead root's ASID
    check_refused(space.map(base + 1), kernel::error::invalid_capability(1));
}

TEST("Page Map wants the address aligned to the frame's size") {
    Space space;
    check_refused(space.map(base + 0x800), kernel::error::alignment());
    check_refused(space.map(space.carve(abi::ObjectType::LargePage), base + 0x1000, space.root),
                  kernel::error::alignment());
    check_refused(space.map(space.carve_device(abi::ObjectType::HugePage), base + (1U << 21), space.root),
                  kernel::error::alignment());
}

TEST("Page Map names the missing level by the address bits below it") {
    Space space;
    const Index large = space.carve(abi::ObjectType::LargePage);
    const Index huge = space.carve_device(abi::ObjectType::HugePage);
    check_refused(space.map(base), missing(39));
    check_refused(space.map(large, base, space.root), missing(39));
    check_refused(space.map(huge, base, space.root), missing(39));
    (void)space.make_pdpt(space.root, base);
    check_refused(space.map(base), missing(30));
    check_refused(space.map(large, base, space.root), missing(30));
    (void)space.make_page_directory(space.root, base);
    check_refused(space.map(base), missing(21));
    check_done(space.map(large, base, space.root));
    check_refused(space.map(base), missing(21));  // a large page is no page table
    check_done(space.map(huge, base + directory_span, space.root));
    check_refused(space.map(base + directory_span), missing(30));
    check_refused(space.map(space.carve(abi::ObjectType::LargePage), base + directory_span, space.root), missing(30));
}

TEST("Page Map does not replace tables, but pages") {
    Space space;
    space.make_tables();
    check_refused(space.map(space.carve(abi::ObjectType::LargePage), base, space.root), kernel::error::delete_first());
    check_refused(space.map(space.carve_device(abi::ObjectType::HugePage), base, space.root),
                  kernel::error::delete_first());
    check_done(space.map(base));
    check_done(space.map(space.carve(abi::ObjectType::Page4K), base, space.root));
}

TEST("a mapped frame may be mapped again only where it is") {
    Space space;
    space.make_tables();
    check_done(space.map(base));
    check_done(space.map(base));
    const Index other = space.make_root(space.pool);
    check_refused(space.map(base + 0x1000), kernel::error::invalid_argument(0));
    check_refused(space.map(user_top + 1), kernel::error::invalid_argument(0));
    check_refused(space.map(space.page, base, other), kernel::error::invalid_capability(1));
    // Another address space comes before another address.
    check_refused(space.map(space.page, base + 0x1000, other), kernel::error::invalid_capability(1));
    check_refused(space.map(base + 1), kernel::error::invalid_argument(0));
    CHECK(space.cap<frame::FrameCap>(space.page).mapping().address == frame::UserAddress{base});
}

TEST("a refused mapping leaves the capability unmapped") {
    Space space;
    check_refused(space.map(base), missing(39));
    CHECK(!space.cap<frame::FrameCap>(space.page).is_mapped());
}

TEST("Page Map passes rights and attributes on to the entry") {
    Space space;
    (void)space.make_pdpt(space.root, base);
    (void)space.make_page_directory(space.root, base);
    const Index table = space.make_page_table(space.root, base);
    check_done(space.map_page(space.page, space.root, base + 0x2000, World::read_only,
                              abi::vm_attributes::write_combining | abi::vm_attributes::cache_disabled));
    const std::uint64_t entry =
        frame::detail::WindowMemory::read(space.cap<frame::PageTableCap>(table).start().plus(2 * 8));
    CHECK_EQUAL(entry, space.cap<frame::FrameCap>(space.page).start().value() | 0x95U);  // P, U/S, PCD, PAT
}

TEST("1 GiB frames are refused on a processor without them") {
    Space space;
    (void)space.make_pdpt(space.root, base);
    frame::host::Mmu::instance().has_huge_pages = false;
    check_refused(space.map(space.carve_device(abi::ObjectType::HugePage), base, space.root),
                  kernel::error::illegal_operation());
}

// --- Page Unmap, GetAddress ---

TEST("Page Unmap always succeeds") {
    Space space;
    check_done(space.invoke(space.page, Label::X86PageUnmap, {}));
    space.make_tables();
    check_done(space.map(base));
    space.erase(space.root);
    check_done(space.invoke(space.page, Label::X86PageUnmap, {}));
    CHECK(!space.cap<frame::FrameCap>(space.page).is_mapped());
}

TEST("Page GetAddress returns the physical address in one word") {
    Space space;
    const Outcome outcome = space.invoke(space.page, Label::X86PageGetAddress, {});
    check_done(outcome);
    CHECK_EQUAL(outcome->results, 1U);
    CHECK_EQUAL(space.result(0), space.cap<frame::FrameCap>(space.page).start().value());
}

TEST("labels of other objects, and labels that do not exist, are illegal operations") {
    Space space;
    const Index table = space.carve(abi::ObjectType::PageTable);
    for (const Index index : {space.page, space.root, space.pool, table}) {
        check_refused(space.invoke(index, Label::UntypedRetype, {}), kernel::error::illegal_operation());
        check_refused(space.invoke_with_length(space.slot(index), 0, {}, 0, {}), kernel::error::illegal_operation());
        check_refused(space.invoke_with_length(space.slot(index), 0xffff, {}, 0, {}),
                      kernel::error::illegal_operation());
    }
    check_refused(space.invoke(space.asid_control(), Label::X86ASIDPoolAssign, {}), kernel::error::illegal_operation());
    check_refused(space.invoke(table, Label::X86PageDirectoryMap, {base, 0}, {space.root}),
                  kernel::error::illegal_operation());
    check_refused(space.invoke(table, Label::X86PageMap, {base, 0, 0}, {space.root}),
                  kernel::error::illegal_operation());
    // A root answers to nothing at all.
    check_refused(space.invoke(space.root, Label::X86PDPTMap, {base, 0}, {space.root}),
                  kernel::error::illegal_operation());
}

// --- PageTable, PageDirectory, PDPT ---

struct Kind {
    abi::ObjectType type;
    Label map;
    Label unmap;
    std::uint64_t span;
};
constexpr std::array kinds{
    Kind{abi::ObjectType::Pdpt, Label::X86PDPTMap, Label::X86PDPTUnmap, pdpt_span},
    Kind{abi::ObjectType::PageDirectory, Label::X86PageDirectoryMap, Label::X86PageDirectoryUnmap, directory_span},
    Kind{abi::ObjectType::PageTable, Label::X86PageTableMap, Label::X86PageTableUnmap, std::uint64_t{1} << 21},
};

TEST("mapping a table: each error, in order") {
    Space space;
    const Index unassigned = space.carve(abi::ObjectType::Pml4);
    for (const Kind& kind : kinds) {
        const Index table = space.carve(kind.type);
        const auto map = [&](std::uint64_t address, Index root) {
            return space.invoke(table, kind.map, {address, 0}, {root});
        };
        check_refused(space.invoke(table, kind.map, {base}, {space.root}), kernel::error::truncated_message());
        check_refused(space.invoke(table, kind.map, {base, 0}), kernel::error::truncated_message());
        check_refused(map(user_top + 1, space.page), kernel::error::invalid_capability(1));
        check_refused(map(base, unassigned), kernel::error::invalid_capability(1));
        check_refused(map(user_top + 1, space.root), kernel::error::invalid_argument(0));
        check_refused(map(0xffff'ff80'0000'0000, space.root), kernel::error::invalid_argument(0));
        // Any address inside the span will do; the place is noted rounded down.
        check_done(map((base & ~(kind.span - 1)) + kind.span - 1, space.root));
        const Index second = space.carve(kind.type);
        check_refused(space.invoke(second, kind.map, {base, 0}, {space.root}), kernel::error::delete_first());
        // Being mapped comes before everything but the message's length.
        check_refused(map(user_top + 1, space.page), kernel::error::invalid_capability(0));
        check_refused(space.invoke(table, kind.map, {base}, {space.root}), kernel::error::truncated_message());
    }
    CHECK(space.cap<frame::PageTableCap>(space.fresh_slot() - 2).mapping().address == frame::UserAddress{base});
}

TEST("the last table below the top can be mapped") {
    Space space;
    (void)space.make_pdpt(space.root, user_top);
    (void)space.make_page_directory(space.root, user_top);
    (void)space.make_page_table(space.root, user_top);
    check_done(space.map(user_top - 0x1fff));
}

TEST("a table's missing parent is named by the address bits below it") {
    Space space;
    const Index directory = space.carve(abi::ObjectType::PageDirectory);
    const Index table = space.carve(abi::ObjectType::PageTable);
    const auto map_directory = [&] {
        return space.invoke(directory, Label::X86PageDirectoryMap, {base, 0}, {space.root});
    };
    const auto map_table = [&] { return space.invoke(table, Label::X86PageTableMap, {base, 0}, {space.root}); };
    check_refused(map_directory(), missing(39));
    check_refused(map_table(), missing(39));
    (void)space.make_pdpt(space.root, base);
    check_refused(map_table(), missing(30));
    check_done(map_directory());
    check_done(map_table());
}

TEST("a page where a table should go must be unmapped first") {
    Space space;
    (void)space.make_pdpt(space.root, base);
    const Index huge = space.carve_device(abi::ObjectType::HugePage);
    check_done(space.map(huge, base, space.root));
    const Index directory = space.carve(abi::ObjectType::PageDirectory);
    check_refused(space.invoke(directory, Label::X86PageDirectoryMap, {base, 0}, {space.root}),
                  kernel::error::delete_first());
    check_refused(
        space.invoke(space.carve(abi::ObjectType::PageTable), Label::X86PageTableMap, {base, 0}, {space.root}),
        missing(30));
    check_done(space.invoke(huge, Label::X86PageUnmap, {}));
    check_done(space.invoke(directory, Label::X86PageDirectoryMap, {base, 0}, {space.root}));
    check_done(space.map(space.carve(abi::ObjectType::LargePage), base, space.root));
    check_refused(
        space.invoke(space.carve(abi::ObjectType::PageTable), Label::X86PageTableMap, {base, 0}, {space.root}),
        kernel::error::delete_first());
}

TEST("tables in a dead address space are refused") {
    Space space;
    space.erase(space.pool);
    const Index pdpt = space.carve(abi::ObjectType::Pdpt);
    check_refused(space.invoke(pdpt, Label::X86PDPTMap, {base, 0}, {space.root}), invalid_root());
    (void)space.make_root(space.make_pool());
    check_refused(space.invoke(pdpt, Label::X86PDPTMap, {base, 0}, {space.root}), kernel::error::invalid_capability(1));
}

TEST("only the last capability to a table unmaps it") {
    Space space;
    for (const Kind& kind : kinds) {
        const Index table = space.carve(kind.type);
        check_done(space.invoke(table, kind.unmap, {}));  // not mapped: nothing to do
        check_done(space.invoke(table, kind.map, {base, 0}, {space.root}));
        const Index copy = space.copy(table).value();
        check_refused(space.invoke(table, kind.unmap, {}), kernel::error::revoke_first());
        check_refused(space.invoke(copy, kind.unmap, {}), kernel::error::revoke_first());
        space.erase(copy);
        check_done(space.invoke(table, kind.unmap, {}));
        check_done(space.invoke(table, kind.map, {base, 0}, {space.root}));
    }
}

// --- Copies ---

TEST("what cannot be copied: tables and roots without a place") {
    Space space;
    for (const abi::ObjectType type :
         {abi::ObjectType::Pml4, abi::ObjectType::Pdpt, abi::ObjectType::PageDirectory, abi::ObjectType::PageTable}) {
        CHECK(space.copy(space.carve(type)).error() == kernel::error::illegal_operation().error());
    }
    const Index root = space.copy(space.root).value();
    CHECK(space.cap<frame::Pml4Cap>(root).asid() == space.cap<frame::Pml4Cap>(space.root).asid());
    CHECK(space.copy(space.pool).has_value());
    CHECK(space.copy(space.page).has_value());
}

TEST("a copied frame capability is mapped nowhere, a copied table capability where the table is") {
    Space space;
    space.make_tables();
    check_done(space.map(base));
    CHECK(!space.cap<frame::FrameCap>(space.copy(space.page).value()).is_mapped());
    const Index table = space.make_page_table(space.root, base + (1U << 21));
    CHECK(space.cap<frame::PageTableCap>(space.copy(table).value()).mapping() ==
          space.cap<frame::PageTableCap>(table).mapping());
}

TEST("rights to a frame: the pairs of capability and mask") {
    using frame::Rights;
    using frame::VmRights;
    CHECK(kernel::vm_rights_of(Rights::all()) == VmRights::read_write);
    CHECK(kernel::vm_rights_of(Rights{.read = true}) == VmRights::read_only);
    CHECK(kernel::vm_rights_of(Rights{.write = true}) == VmRights::kernel_only);
    CHECK(kernel::vm_rights_of(Rights{.grant = true, .grant_reply = true}) == VmRights::kernel_only);
    Space space;
    const frame::FrameCap cap = space.cap<frame::FrameCap>(space.page);
    for (const VmRights has : {VmRights::read_write, VmRights::read_only, VmRights::kernel_only}) {
        for (const VmRights limit : {VmRights::read_write, VmRights::read_only, VmRights::kernel_only}) {
            CHECK(cap.restricted_to(has).restricted_to(limit).rights() == std::min(has, limit));
        }
    }
}

// --- ASIDControl MakePool ---

TEST("MakePool: each error, in order") {
    Space space;
    const Index memory = space.carve(abi::ObjectType::Untyped, 12);
    const Index to = space.fresh_slot();
    const auto make = [&](frame::SlotRef untyped, frame::SlotRef root, std::uint64_t index, std::uint64_t depth) {
        return space.invoke(space.asid_control(), Label::X86ASIDControlMakePool, {index, depth}, {untyped, root});
    };
    check_refused(
        space.invoke(space.asid_control(), Label::X86ASIDControlMakePool, {to}, {space.slot(memory), space.cnode()}),
        kernel::error::truncated_message());
    check_refused(space.invoke(space.asid_control(), Label::X86ASIDControlMakePool, {to, World::cnode_bits},
                               {space.slot(memory)}),
                  kernel::error::truncated_message());
    check_refused(space.invoke(space.asid_control(), Label::X86ASIDControlMakePool, {to, World::cnode_bits},
                               {std::nullopt, space.cnode()}),
                  kernel::error::truncated_message());
    check_refused(make(space.slot(space.page), space.slot(space.page), 0, 0), kernel::error::invalid_capability(1));
    check_refused(make(space.slot(space.carve(abi::ObjectType::Untyped, 13)), space.cnode(), to, World::cnode_bits),
                  kernel::error::invalid_capability(1));
    const Index device = space.carve_device(abi::ObjectType::Untyped, 12);
    check_refused(make(space.slot(device), space.cnode(), to, World::cnode_bits), kernel::error::invalid_capability(1));
    const Index busy = space.carve(abi::ObjectType::Untyped, 12);
    const Index child = space.carve_in(busy, abi::ObjectType::Endpoint);
    check_refused(make(space.slot(busy), space.slot(space.page), to, World::cnode_bits), kernel::error::revoke_first());
    check_refused(make(space.slot(memory), space.slot(space.page), to, 0), invalid_root());
    check_refused(make(space.slot(memory), space.cnode(), to, 0), kernel::error::range(1, 64));
    check_refused(make(space.slot(memory), space.cnode(), to, 65), kernel::error::range(1, 64));
    check_refused(make(space.slot(memory), space.cnode(), space.page, World::cnode_bits),
                  kernel::error::delete_first());
    check_done(make(space.slot(memory), space.cnode(), to, World::cnode_bits));
    CHECK(space.slot(memory).has_children());
    CHECK(space.cap<frame::AsidPoolCap>(to).base() == frame::Asid{512});
    // Memory whose children are gone is as good as new.
    space.erase(child);
    check_done(make(space.slot(busy), space.cnode(), space.fresh_slot(), World::cnode_bits));
}

TEST("there are eight pools, and a pool's place is free again when it dies") {
    Space space;
    std::vector<Index> pools{space.pool};
    while (pools.size() < frame::asid_pool_count) {
        pools.push_back(space.make_pool());
        CHECK(space.cap<frame::AsidPoolCap>(pools.back()).base() ==
              frame::Asid{static_cast<std::uint16_t>((pools.size() - 1) * frame::asids_per_pool)});
    }
    // No free place comes before a wrong untyped.
    check_refused(space.invoke(space.asid_control(), Label::X86ASIDControlMakePool, {0, 0},
                               {space.slot(space.page), space.slot(space.page)}),
                  kernel::error::delete_first());
    space.erase(pools.at(3));
    CHECK(space.cap<frame::AsidPoolCap>(space.make_pool()).base() == frame::Asid{3 * 512});
}

TEST("copies of a pool are its siblings: only its memory revokes them") {
    Space space;
    const Index memory = space.carve(abi::ObjectType::Untyped, abi::size_bits::asid_pool);
    const Index pool = space.fresh_slot();
    CHECK(space
              .invoke(space.asid_control(), Label::X86ASIDControlMakePool, {pool, World::cnode_bits},
                      {space.slot(memory), space.cnode()})
              .has_value());
    const auto copy = space.copy(pool);
    CHECK(copy.has_value());
    CHECK(!space.slot(pool).has_children());
    CHECK(space.slot(memory).has_children());
}

// --- ASIDPool Assign ---

TEST("Assign: each error, in order") {
    Space space;
    const auto assign = [&](Index root) { return space.invoke(space.pool, Label::X86ASIDPoolAssign, {}, {root}); };
    check_refused(space.invoke(space.pool, Label::X86ASIDPoolAssign, {}), kernel::error::truncated_message());
    check_refused(assign(space.page), kernel::error::invalid_capability(1));
    check_refused(assign(space.carve(abi::ObjectType::Pdpt)), kernel::error::invalid_capability(1));
    check_refused(assign(space.root), kernel::error::invalid_capability(1));  // has one
    CHECK(space.cap<frame::Pml4Cap>(space.root).asid() == frame::Asid{1});    // ASID 0 is nobody's
    const Index second = space.carve(abi::ObjectType::Pml4);
    check_done(assign(second));
    CHECK(space.cap<frame::Pml4Cap>(second).asid() == frame::Asid{2});
}

TEST("a pool that is out of the table assigns nothing, and leaves the pool in its place alone") {
    Space space;
    const Index root = space.carve(abi::ObjectType::Pml4);
    const auto assign = [&] { return space.invoke(space.pool, Label::X86ASIDPoolAssign, {}, {root}); };
    space.advance();
    frame::release_asid_pool(space.phase(), space.slot(space.pool));
    check_refused(assign(), invalid_root());
    const Index other = space.make_pool();
    check_refused(assign(), kernel::error::invalid_capability(0));
    space.erase(space.pool);
    check_done(space.invoke(other, Label::X86ASIDPoolAssign, {}, {root}));
    CHECK(frame::VSpace::of(space.phase(), space.cap<frame::Pml4Cap>(root).asid()).has_value());
}

TEST("the first pool has 511 ASIDs, the others 512") {
    Space space;
    for (std::uint64_t number = 2; number < frame::asids_per_pool; ++number) {
        (void)space.make_root(space.pool);
    }
    const Index last = space.carve(abi::ObjectType::Pml4);
    check_refused(space.invoke(space.pool, Label::X86ASIDPoolAssign, {}, {last}), kernel::error::delete_first());
    // Deleting any root makes room.
    space.erase(space.root);
    check_done(space.invoke(space.pool, Label::X86ASIDPoolAssign, {}, {last}));
    const Index pool = space.make_pool();
    CHECK(space.cap<frame::Pml4Cap>(space.make_root(pool)).asid() == frame::Asid{512});
    for (std::uint64_t number = 1; number < frame::asids_per_pool; ++number) {
        (void)space.make_root(pool);
    }
    check_refused(space.invoke(pool, Label::X86ASIDPoolAssign, {}, {space.carve(abi::ObjectType::Pml4)}),
                  kernel::error::delete_first());
}

// --- Threads' roots and buffers, faults ---

TEST("a thread's root is a PML4 with an ASID") {
    Space space;
    CHECK(kernel::is_vspace_root(space.slot(space.root).capability()));
    CHECK(!kernel::is_vspace_root(space.slot(space.carve(abi::ObjectType::Pml4)).capability()));
    CHECK(!kernel::is_vspace_root(space.slot(space.page).capability()));
    CHECK(!kernel::is_vspace_root(frame::Capability{}));
}

TEST("a thread's IPC buffer is in RAM, and aligned") {
    Space space;
    const auto check = [&](Index index, std::uint64_t address) {
        return kernel::check_ipc_buffer(space.slot(index).capability(), frame::UserAddress{address});
    };
    CHECK(check(space.page, base + 0x400).has_value());
    CHECK(check(space.page, base + 0x200).error() == kernel::error::alignment().error());
    CHECK(check(space.root, base + 0x200).error() == kernel::error::illegal_operation().error());
    CHECK(check(space.carve_device(abi::ObjectType::Page4K), base + 1).error() ==
          kernel::error::illegal_operation().error());
}

TEST("a page fault tells the address, whether it was a fetch, and the error code") {
    const kernel::Fault write = kernel::page_fault(0x1234, 0x7);
    CHECK(write.type == abi::FaultType::VMFault);
    CHECK_EQUAL(write.address, 0x1234U);
    CHECK_EQUAL(write.number, 0U);
    CHECK_EQUAL(write.code, 7U);
    const kernel::Fault fetch = kernel::page_fault(~std::uint64_t{0}, 0x14);
    CHECK_EQUAL(fetch.address, ~std::uint64_t{0});
    CHECK_EQUAL(fetch.number, 1U);
    CHECK_EQUAL(fetch.code, 0x14U);
}

}  // namespace
