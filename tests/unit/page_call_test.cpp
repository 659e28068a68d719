// SPDX-License-Identifier: GPL-2.0-only
//
// Invocations of frame capabilities (Page Map, Unmap, GetAddress): each error of seL4 16.0.0 with its argument, and
// which one comes first when several things are wrong. A refused invocation changes nothing.
#include <optional>

#include <frame/detail/window_memory.hpp>
#include "tests/unit/paging_calls.hpp"

namespace {

using kernel::Outcome;
using Label = abi::InvocationLabel;
using test::check_done;
using test::check_refused;
using test::invalid_root;
using test::missing;
using test::World;
using Space = test::PagingCaller;
using Index = Space::Index;

constexpr std::uint64_t base = Space::base;
constexpr std::uint64_t directory_span = Space::directory_span;
constexpr std::uint64_t user_top = Space::user_top;

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

}  // namespace
