// SPDX-License-Identifier: GPL-2.0-only
//
// Invocations of page tables, page directories and PDPTs: each error of seL4 16.0.0 with its argument, in order; and labels
// that no paging capability answers to.
#include <array>

#include "tests/unit/paging_calls.hpp"

namespace {

using Label = abi::InvocationLabel;
using test::check_done;
using test::check_refused;
using test::invalid_root;
using test::missing;
using Space = test::PagingCaller;
using Index = Space::Index;

constexpr std::uint64_t base = Space::base;
constexpr std::uint64_t directory_span = Space::directory_span;
constexpr std::uint64_t pdpt_span = Space::pdpt_span;
constexpr std::uint64_t user_top = Space::user_top;

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

}  // namespace
