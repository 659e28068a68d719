// SPDX-License-Identifier: GPL-2.0-only
//
// What a thread has of an address space: its root, its IPC buffer, and what a page fault tells its handler.
#include "kernel/vspace/page_fault.hpp"
#include "tests/unit/paging_calls.hpp"

namespace {

using Space = test::PagingCaller;
using Index = Space::Index;

constexpr std::uint64_t base = Space::base;

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
