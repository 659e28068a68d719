// SPDX-License-Identifier: GPL-2.0-only
//
// What the frame checks of kernel code that changes address spaces: debts to the TLB are paid, places are fresh, and
// mistakes that decoding should have refused stop the kernel.
#include "tests/unit/loaded_space.hpp"

namespace {

using frame::UserAddress;
using frame::host::Mmu;
using Space = test::LoadedSpace;
using Index = Space::Index;

constexpr std::uint64_t base = Space::base;

TEST("a dropped debt stops a checked build") {
    CHECK_DIES("a TLB debt was dropped unpaid", [] {
        Space space;
        const Index page = space.make_page();
        space.map(page, base);
        space.advance();
        (void)frame::unmap_frame(space.phase(), space.slot(page));
    });
}

TEST("a paid or moved debt owes nothing more") {
    Space space;
    const Index page = space.make_page();
    space.map(page, base);
    space.advance();
    frame::TlbDebt debt = frame::unmap_frame(space.phase(), space.slot(page));
    CHECK(debt.is_owed());
    frame::TlbDebt moved = std::move(debt);
    CHECK(moved.is_owed());
    const std::uint64_t before = Mmu::instance().counts().page_invalidations;
    std::move(moved).pay();
    CHECK(!moved.is_owed());
    CHECK_EQUAL(Mmu::instance().counts().page_invalidations, before + 1);
}

TEST("a place is good for the phase it was found in, and until a table is detached") {
    CHECK_DIES("a place in a paging structure was used after a table was detached", [] {
        Space space;
        const Index page = space.make_page();
        space.advance();
        const auto vspace = frame::VSpace::of(space.phase(), space.cap<frame::Pml4Cap>(space.root).asid()).value();
        const auto place = frame::find_page_place(vspace, UserAddress{base}, frame::PageSize::small).value();
        frame::unmap_table<frame::PageTableCap>(space.phase(), space.slot(space.table)).pay();
        frame::map_frame(space.slot(page), place, frame::VmRights::read_write, {}).pay();
    });
    CHECK_DIES("reference used after its phase ended", [] {
        Space space;
        const Index page = space.make_page();
        space.advance();
        const auto vspace = frame::VSpace::of(space.phase(), space.cap<frame::Pml4Cap>(space.root).asid()).value();
        const auto place = frame::find_page_place(vspace, UserAddress{base}, frame::PageSize::small).value();
        space.advance();
        frame::map_frame(space.slot(page), place, frame::VmRights::read_write, {}).pay();
    });
}

TEST("the frame refuses what decoding should have refused") {
    CHECK_DIES("a mapping outside the user's half", [] {
        Space space;
        space.advance();
        const auto vspace = frame::VSpace::of(space.phase(), space.cap<frame::Pml4Cap>(space.root).asid()).value();
        (void)frame::find_page_place(vspace, UserAddress{0xffff'ff80'0000'0000}, frame::PageSize::small);
    });
    CHECK_DIES("a frame mapped as a page of another size", [] {
        Space space;
        const Index large = space.carve(abi::ObjectType::LargePage);
        space.advance();
        const auto vspace = frame::VSpace::of(space.phase(), space.cap<frame::Pml4Cap>(space.root).asid()).value();
        const auto place = frame::find_page_place(vspace, UserAddress{base}, frame::PageSize::small).value();
        frame::map_frame(space.slot(large), place, frame::VmRights::read_write, {}).pay();
    });
    CHECK_DIES("a frame mapped twice through one capability", [] {
        Space space;
        const Index page = space.make_page();
        space.map(page, base);
        space.advance();
        const auto vspace = frame::VSpace::of(space.phase(), space.cap<frame::Pml4Cap>(space.root).asid()).value();
        const auto place = frame::find_page_place(vspace, UserAddress{base + 0x1000}, frame::PageSize::small).value();
        frame::map_frame(space.slot(page), place, frame::VmRights::read_write, {}).pay();
    });
    CHECK_DIES("a table was unmapped while several capabilities to it exist", [] {
        Space space;
        (void)space.copy(space.table).value();
        frame::unmap_table<frame::PageTableCap>(space.phase(), space.slot(space.table)).pay();
    });
    CHECK_DIES("a table mapped that is mapped already or not empty", [] {
        Space space;
        space.advance();
        const auto vspace = frame::VSpace::of(space.phase(), space.cap<frame::Pml4Cap>(space.root).asid()).value();
        const auto place =
            frame::find_table_place<frame::PageTableCap>(vspace, UserAddress{base + (std::uint64_t{1} << 21)}).value();
        frame::retire_table<frame::PageTableCap>(space.phase(), space.slot(space.table)).pay();
        frame::map_table(space.slot(space.table), place, {});
    });
    CHECK_DIES("an ASID assigned to a root that has one", [] {
        Space space;
        frame::assign_asid(space.phase(), space.slot(space.root), space.cap<frame::AsidPoolCap>(space.pool),
                           frame::Asid{7});
    });
    CHECK_DIES("a capability to a mapped frame vanished", [] {
        Space space;
        const Index page = space.make_page();
        space.map(page, base);
        space.advance();
        space.slot(page).clear();
    });
    CHECK_DIES("a page table died while it was mapped", [] {
        Space space;
        space.advance();
        space.slot(space.table).clear();
    });
    CHECK_DIES("an address space died while an ASID or a core named it", [] {
        Space space;
        space.advance();
        space.slot(space.root).clear();
    });
    CHECK_DIES("an ASID pool died while the ASID table named it", [] {
        Space space;
        space.advance();
        space.slot(space.pool).clear();
    });
}

TEST("slots neither lose nor duplicate mappings when capabilities move or are copied") {
    CHECK_DIES("a capability lost or gained a mapping on its way to another slot", [] {
        Space space;
        const Index page = space.make_page();
        space.map(page, base);
        space.advance();
        space.slot(space.fresh_slot()).move_from(space.slot(page), space.cap<frame::FrameCap>(page).unmapped());
    });
    CHECK_DIES("a capability was copied with a mapping that it cannot have", [] {
        Space space;
        const Index page = space.make_page();
        space.map(page, base);
        space.advance();
        space.slot(space.fresh_slot()).insert_copy(space.slot(page), space.slot(page).capability());
    });
    CHECK_DIES("a capability was copied with a mapping that it cannot have", [] {
        Space space;
        const Index table = space.carve(abi::ObjectType::PageTable);
        space.advance();
        space.slot(space.fresh_slot()).insert_copy(space.slot(table), space.slot(table).capability());
    });
}

}  // namespace
