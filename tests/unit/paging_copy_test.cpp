// SPDX-License-Identifier: GPL-2.0-only
//
// Copies of paging capabilities: which can be made, where they are mapped, and with which rights.
#include <algorithm>

#include "kernel/vspace/rights.hpp"
#include "tests/unit/paging_calls.hpp"

namespace {

using test::check_done;
using Space = test::PagingCaller;
using Index = Space::Index;

constexpr std::uint64_t base = Space::base;

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

}  // namespace
