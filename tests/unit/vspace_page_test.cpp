// SPDX-License-Identifier: GPL-2.0-only
//
// Pages of an address space: where mapped frames are seen, with which rights, and what ends a mapping.
#include <frame/detail/window_memory.hpp>
#include "tests/unit/loaded_space.hpp"

namespace {

using frame::PhysicalAddress;
using frame::host::Mmu;
using test::check_tlb;
using test::read;
using test::World;
using test::write;
using Space = test::LoadedSpace;
using Index = Space::Index;

constexpr std::uint64_t base = Space::base;

TEST("a mapped page is where it was mapped, and nowhere once unmapped") {
    Space space;
    const Index page = space.make_page();
    CHECK(!read(base + 0x3000));
    space.map(page, base + 0x3000);
    CHECK(write(base + 0x3abc) == space.start_of(page).plus(0xabc));
    CHECK(!read(base + 0x2fff));
    CHECK(!read(base + 0x4000));
    space.unmap(page);
    CHECK(!read(base + 0x3000));
    CHECK(!space.cap<frame::FrameCap>(page).is_mapped());
}

TEST("mapping where nothing was asks the processor to forget nothing; unmapping, one page") {
    Space space;
    const Index page = space.make_page();
    const Mmu::Counts before = Mmu::instance().counts();
    space.map(page, base);
    CHECK(Mmu::instance().counts() == before);
    space.unmap(page);
    CHECK_EQUAL(Mmu::instance().counts().page_invalidations, before.page_invalidations + 1);
    CHECK_EQUAL(Mmu::instance().counts().asid_invalidations, before.asid_invalidations);
    space.unmap(page);  // there is nothing left to do
    CHECK_EQUAL(Mmu::instance().counts().page_invalidations, before.page_invalidations + 1);
}

TEST("pages of all sizes translate, and are unmapped") {
    Space space;
    const std::uint64_t large_at = base + (std::uint64_t{1} << 21);
    const std::uint64_t huge_at = base + (std::uint64_t{1} << 30);
    const Index large = space.carve(abi::ObjectType::LargePage);
    const Index huge = space.carve_device(abi::ObjectType::HugePage);
    space.map(large, large_at);
    space.map(huge, huge_at);
    CHECK(write(large_at + 0x1f'ffff) == space.start_of(large).plus(0x1f'ffff));
    CHECK(write(huge_at + 0x3fff'ffff) == space.start_of(huge).plus(0x3fff'ffff));
    CHECK(!read(large_at + 0x20'0000));
    CHECK(!read(huge_at + 0x4000'0000));
    space.unmap(large);
    CHECK(!read(large_at));
    space.unmap(huge);
    CHECK(!read(huge_at));
}

TEST("rights of the mapping are those of the capability and of the call together") {
    Space space;
    const Index page = space.make_page();
    space.map(page, base, World::read_only);
    CHECK(read(base));
    CHECK(!write(base));
    // A capability minted read-only gives no more, whatever the call asks.
    const Index copy = space.copy(page).value();
    space.advance();
    const frame::FrameCap weak = space.cap<frame::FrameCap>(copy).restricted_to(frame::VmRights::read_only);
    const Index moved = space.fresh_slot();
    space.slot(moved).move_from(space.slot(copy), weak);
    space.map(moved, base + 0x1000);
    CHECK(read(base + 0x1000));
    CHECK(!write(base + 0x1000));
    // Without the read right there is no user access at all, but the page is present: see page_entry_test.
    const Index hidden = space.make_page();
    space.map(hidden, base + 0x2000, abi::cap_rights::make(0, 0, 0, 1));
    CHECK(!read(base + 0x2000));
    CHECK(!write(base + 0x2000));
}

TEST("mapping again changes rights in place, and the processor forgets the greater ones") {
    Space space;
    const Index page = space.make_page();
    space.map(page, base);
    CHECK(write(base));
    space.map(page, base, World::read_only);
    CHECK(read(base));
    CHECK(!write(base));
    space.map(page, base);
    CHECK(write(base));
}

TEST("a page may replace another; the one replaced no longer owns the place") {
    Space space;
    const Index first = space.make_page();
    const Index second = space.make_page();
    space.map(first, base);
    CHECK(read(base) == space.start_of(first));
    space.map(second, base);
    CHECK(read(base) == space.start_of(second));
    space.unmap(first);
    CHECK(read(base) == space.start_of(second));
    space.unmap(second);
    CHECK(!read(base));
}

TEST("each capability to a frame has a mapping of its own; deleting it ends only that one") {
    Space space;
    const Index page = space.make_page();
    space.map(page, base);
    const Index copy = space.copy(page).value();
    CHECK(!space.cap<frame::FrameCap>(copy).is_mapped());
    space.map(copy, base + 0x1000);
    CHECK(read(base) == read(base + 0x1000));
    space.erase(page);
    check_tlb();
    CHECK(!read(base));
    CHECK(read(base + 0x1000));
    space.erase(copy);
    check_tlb();
    CHECK(!read(base + 0x1000));
}

TEST("memory is another object's once its last capability went, and no processor knows it as a page") {
    Space space;
    const Index memory = space.carve(abi::ObjectType::Untyped, abi::size_bits::page);
    const Index page = space.carve_in(memory, abi::ObjectType::Page4K);
    const PhysicalAddress start = space.start_of(page);
    space.map(page, base);
    CHECK(write(base) == start);
    frame::host::Arena::write_user(start, 0x1234);
    space.erase(page);
    check_tlb();
    CHECK(!read(base));
    const Index table = space.carve_in(memory, abi::ObjectType::PageTable);
    CHECK(space.cap<frame::PageTableCap>(table).start() == start);
    CHECK_EQUAL(frame::detail::WindowMemory::read(start), 0U);
    CHECK(!read(base));
}

}  // namespace
