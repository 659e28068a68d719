// SPDX-License-Identifier: GPL-2.0-only
//
// Address spaces as user programs change them: what mappings do, what the processor may remember, and what ends them.
// After every step the model MMU, which forgets nothing by itself, must remember only what the tables still say.
#include <algorithm>
#include <random>

#include <frame/detail/backend_mmu.hpp>
#include <frame/detail/window_memory.hpp>
#include "tests/support/test.hpp"
#include "tests/support/world.hpp"

namespace {

using frame::PhysicalAddress;
using frame::UserAddress;
using frame::host::Mmu;
using Label = abi::InvocationLabel;
using test::World;
using Index = World::Index;

constexpr std::uint64_t base = 0x12'4000'0000;  // the start of a page directory

void check_tlb() {
    for (const std::string& reason : Mmu::instance().stale()) {
        test::fail(reason, std::source_location::current());
    }
}

std::optional<PhysicalAddress> read(std::uint64_t address) {
    return Mmu::instance().access(UserAddress{address}, false);
}
std::optional<PhysicalAddress> write(std::uint64_t address) {
    return Mmu::instance().access(UserAddress{address}, true);
}

/// A world with an address space that is loaded and has tables for 2 MiB at `base`.
struct Space : World {
    Index pool = make_pool();
    Index root = make_root(pool);
    Index pdpt = make_pdpt(root, base);
    Index directory = make_page_directory(root, base);
    Index table = make_page_table(root, base);

    Space() { load(root); }

    [[nodiscard]] Index make_page() { return carve(abi::ObjectType::Page4K); }
    [[nodiscard]] PhysicalAddress start_of(Index page) const { return cap<frame::FrameCap>(page).start(); }
    void map(Index page, std::uint64_t address, std::uint64_t rights = all_rights) {
        CHECK(map_page(page, root, address, rights).has_value());
        check_tlb();
    }
    void unmap(Index page) {
        CHECK(invoke(page, Label::X86PageUnmap, {}).has_value());
        check_tlb();
    }
};

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

TEST("a page table with pages goes at once, with what the processor remembers of it") {
    Space space;
    const Index one = space.make_page();
    const Index two = space.make_page();
    space.map(one, base + 0x5000);
    CHECK(read(base + 0x5000));
    const Mmu::Counts before = Mmu::instance().counts();
    CHECK(space.invoke(space.table, Label::X86PageTableUnmap, {}).has_value());
    check_tlb();
    CHECK(!read(base + 0x5000));
    CHECK_EQUAL(Mmu::instance().counts().page_invalidations, before.page_invalidations + 1);
    CHECK_EQUAL(Mmu::instance().counts().asid_invalidations, before.asid_invalidations);

    CHECK(space.invoke(space.table, Label::X86PageTableMap, {base, 0}, {space.root}).has_value());
    CHECK(!read(base + 0x5000));  // it was emptied
    space.unmap(one);
    space.map(one, base + 0x5000);
    space.map(two, base + 0x6000);
    CHECK(read(base + 0x5000));
    CHECK(read(base + 0x6000));
    CHECK(space.invoke(space.table, Label::X86PageTableUnmap, {}).has_value());
    check_tlb();
    CHECK_EQUAL(Mmu::instance().counts().asid_invalidations, before.asid_invalidations + 1);
    CHECK(!read(base + 0x5000));
    CHECK(!read(base + 0x6000));
}

TEST("directories and PDPTs go with everything below them, and come back empty") {
    Space space;
    const Index page = space.make_page();
    space.map(page, base);
    CHECK(read(base));
    CHECK(space.invoke(space.directory, Label::X86PageDirectoryUnmap, {}).has_value());
    check_tlb();
    CHECK(!read(base));
    CHECK(space.invoke(space.directory, Label::X86PageDirectoryMap, {base, 0}, {space.root}).has_value());
    CHECK(!read(base));
    CHECK(space.invoke(space.pdpt, Label::X86PDPTUnmap, {}).has_value());
    check_tlb();
    CHECK(space.invoke(space.pdpt, Label::X86PDPTMap, {base, 0}, {space.root}).has_value());
    CHECK(!read(base));
    // The page table was cut off with its page in it. Unmapping empties it, so that it is safe wherever it goes next.
    const auto elsewhere = base + (std::uint64_t{1} << 39);
    CHECK(space.invoke(space.table, Label::X86PageTableUnmap, {}).has_value());
    (void)space.make_pdpt(space.root, elsewhere);
    (void)space.make_page_directory(space.root, elsewhere);
    CHECK(space.invoke(space.table, Label::X86PageTableMap, {elsewhere, 0}, {space.root}).has_value());
    CHECK(!read(elsewhere));
    check_tlb();
}

TEST("deleting tables in any order leaves nothing that leads to them") {
    for (const auto& order : {std::array{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}}) {
        static Space space;
        static Index page = space.make_page();
        if (!space.cap<frame::FrameCap>(page).is_mapped()) {
            space.map(page, base);
        }
        CHECK(read(base));
        std::array tables{&space.pdpt, &space.directory, &space.table};
        for (const int which : order) {
            space.erase(*tables.at(static_cast<std::size_t>(which)));
            check_tlb();
            CHECK(!read(base));
        }
        space.unmap(page);
        space.pdpt = space.make_pdpt(space.root, base);
        space.directory = space.make_page_directory(space.root, base);
        space.table = space.make_page_table(space.root, base);
        space.map(page, base);
    }
}

TEST("a copied table capability keeps the table mapped until the last one goes") {
    Space space;
    const Index page = space.make_page();
    space.map(page, base);
    const Index copy = space.copy(space.table).value();
    space.erase(space.table);
    CHECK(read(base));
    CHECK(space.invoke(copy, Label::X86PageTableUnmap, {}).has_value());
    check_tlb();
    CHECK(!read(base));
}

TEST("deleting the root frees its ASID, unloads it and forgets it") {
    Space space;
    const Index page = space.make_page();
    space.map(page, base);
    CHECK(read(base));
    const frame::Asid asid = space.cap<frame::Pml4Cap>(space.root).asid();
    const Index copy = space.copy(space.root).value();
    space.erase(copy);
    CHECK(read(base));
    space.erase(space.root);
    check_tlb();
    CHECK_EQUAL(Mmu::instance().remembered(), 0U);
    CHECK(Mmu::instance().loaded_asid() == frame::no_asid);
    CHECK(!frame::VSpace::of(space.phase(), asid));
    // The ASID is given out again, and the old page's capability has no say in the new address space.
    const Index next = space.make_root(space.pool);
    CHECK(space.cap<frame::Pml4Cap>(next).asid() == asid);
    (void)space.make_pdpt(next, base);
    (void)space.make_page_directory(next, base);
    (void)space.make_page_table(next, base);
    const Index other = space.make_page();
    CHECK(space.map_page(other, next, base).has_value());
    space.load(next);
    CHECK(read(base) == space.start_of(other));
    space.unmap(page);
    CHECK(read(base) == space.start_of(other));
}

TEST("deleting a pool ends all its address spaces") {
    Space space;
    const Index second = space.make_root(space.pool);
    const Index page = space.make_page();
    space.map(page, base);
    CHECK(read(base));
    space.erase(space.pool);
    check_tlb();
    CHECK_EQUAL(Mmu::instance().remembered(), 0U);
    CHECK(Mmu::instance().loaded_asid() == frame::no_asid);
    // The roots outlive it, dead: no invocation can use them, and they can be deleted.
    space.unmap(page);
    space.erase(second);
    space.erase(space.root);
    check_tlb();
}

TEST("a root whose ASID names another root by now does not come alive") {
    Space space;
    const frame::Asid asid = space.cap<frame::Pml4Cap>(space.root).asid();
    space.erase(space.pool);
    const Index pool = space.make_pool();
    const Index other = space.make_root(pool);
    CHECK(space.cap<frame::Pml4Cap>(other).asid() == asid);
    const kernel::Outcome outcome = space.map_page(space.make_page(), space.root, base);
    CHECK(outcome.error().error() == kernel::error::invalid_capability(1).error());
    // Deleting the dead root leaves the living one alone.
    space.erase(space.root);
    CHECK(frame::VSpace::of(space.phase(), asid).value().root() ==
          space.cap<frame::Pml4Cap>(other).table(space.phase()));
}

TEST("a root that was loaded before is loaded again without a look at its ASID only while that names it") {
    Space space;
    const Index second = space.make_root(space.pool);
    const auto loads = [&](Index root) {
        space.advance();
        return frame::this_core(space.phase()).load_root(space.phase(), space.cap<frame::Pml4Cap>(root));
    };
    for (int round = 0; round < 2; ++round) {
        CHECK(loads(second));
        CHECK(Mmu::instance().loaded_root() == space.cap<frame::Pml4Cap>(second).start());
        CHECK(loads(space.root));
        CHECK(Mmu::instance().loaded_root() == space.cap<frame::Pml4Cap>(space.root).start());
    }
    space.erase(space.pool);
    CHECK(!loads(second));
    CHECK(!loads(space.root));
    CHECK(Mmu::instance().loaded_asid() == frame::no_asid);
    space.erase(second);
    check_tlb();
}

TEST("a thread runs in its root's address space while that lives, then in none") {
    Space space;
    const frame::Asid asid = space.cap<frame::Pml4Cap>(space.root).asid();
    const Index thread = space.carve(abi::ObjectType::Tcb);
    const auto activate = [&] {
        space.advance();
        kernel::activate_vspace(space.phase(), space.cap<frame::ThreadCap>(thread).tcb(space.phase()));
        return Mmu::instance().loaded_asid();
    };
    CHECK(activate() == frame::no_asid);
    const frame::Ref<kernel::Tcb> tcb = space.cap<frame::ThreadCap>(thread).tcb(space.phase());
    tcb->slot(space.phase(), frame::TcbSlot::vspace)
        .insert_copy(space.slot(space.root), space.slot(space.root).capability());
    CHECK(activate() == asid);
    const std::uint64_t loads = Mmu::instance().counts().root_loads;
    CHECK(activate() == asid);
    CHECK_EQUAL(Mmu::instance().counts().root_loads, loads);  // it was loaded already
    space.erase(space.pool);
    CHECK(activate() == frame::no_asid);
    // Another root has the ASID now: the thread's own is dead all the same.
    const Index other = space.make_root(space.make_pool());
    CHECK(space.cap<frame::Pml4Cap>(other).asid() == asid);
    CHECK(activate() == frame::no_asid);
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

#if __has_feature(address_sanitizer)
TEST("a table's memory is poisoned once it died, so that a walk into it would stop the test") {
    CHECK_DIES("use-after-poison", [] {
        Space space;
        const PhysicalAddress start = space.cap<frame::PageTableCap>(space.table).start();
        space.erase(space.table);
        (void)frame::detail::WindowMemory::read(start);
    });
}
#endif

TEST("the kernel's half is the same in every root, and no invocation changes it") {
    Space space;
    const auto entry = [&](Index root) {
        return frame::detail::WindowMemory::read(space.cap<frame::Pml4Cap>(root).start().plus(511 * 8));
    };
    const std::uint64_t kernel_entry = frame::backend::kernel_half().back();
    CHECK(kernel_entry != 0);
    CHECK_EQUAL(entry(space.root), kernel_entry);
    const Index fresh = space.carve(abi::ObjectType::Pml4);
    CHECK_EQUAL(entry(fresh), kernel_entry);
    const Index pdpt = space.carve(abi::ObjectType::Pdpt);
    CHECK(!space.invoke(pdpt, Label::X86PDPTMap, {0xffff'ff80'0000'0000, 0}, {space.root}).has_value());
    CHECK(!space.invoke(pdpt, Label::X86PDPTMap, {0xffff'8000'0000'0000, 0}, {space.root}).has_value());
    CHECK_EQUAL(entry(space.root), kernel_entry);
}

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

/// Random sequences over a few frames, tables and address spaces. After each step: the processor remembers nothing stale,
/// and each page that an address space maps is named by a mapped capability in a live slot.
TEST("random sequences keep every mapped page named by a capability") {
    test::for_seeds(1, 6, [](unsigned seed) {
        std::mt19937 random{seed};
        static Space* const space_memory = new Space;
        Space& space = *space_memory;
        static std::vector<Index> pages;
        static std::vector<Index> tables{space.table};
        static std::vector<Index> roots{space.root};
        const auto pick = [&](const std::vector<Index>& from) { return from.at(random() % from.size()); };
        const auto random_address = [&] {
            return base + (random() % 2) * (std::uint64_t{1} << 21) + (random() % 4) * 0x1000;
        };
        if (pages.empty()) {
            const Index other = space.make_root(space.pool);
            (void)space.make_pdpt(other, base);
            (void)space.make_page_directory(other, base);
            tables.push_back(space.make_page_table(other, base));
            tables.push_back(space.carve(abi::ObjectType::PageTable));
            roots.push_back(other);
            for (int count = 0; count < 4; ++count) {
                pages.push_back(space.make_page());
            }
        }
        for (int step = 0; step < 150; ++step) {
            switch (random() % 8) {
            case 0:
            case 1:
                (void)space.map_page(pick(pages), pick(roots), random_address(),
                                     random() % 2 == 0 ? World::all_rights : World::read_only);
                break;
            case 2:
                (void)space.invoke(pick(pages), Label::X86PageUnmap, {});
                break;
            case 3:
                (void)space.invoke(pick(tables), Label::X86PageTableMap, {random_address(), 0}, {pick(roots)});
                break;
            case 4:
                (void)space.invoke(pick(tables), Label::X86PageTableUnmap, {});
                break;
            case 5:
                if (const auto copy = space.copy(pick(pages)); copy && pages.size() < 40) {
                    pages.push_back(*copy);
                }
                break;
            case 6:
                if (pages.size() > 4) {
                    const std::size_t victim = random() % pages.size();
                    space.erase(pages.at(victim));
                    pages.erase(pages.begin() + static_cast<std::ptrdiff_t>(victim));
                    if (pages.size() < 5) {
                        pages.push_back(space.make_page());
                    }
                }
                break;
            default:
                space.load(pick(roots));
                break;
            }
            for (int access = 0; access < 4; ++access) {
                (void)Mmu::instance().access(UserAddress{random_address()}, random() % 2 == 0);
            }
            check_tlb();
            space.advance();
            for (const Index root : roots) {
                const auto vspace = frame::VSpace::of(space.phase(), space.cap<frame::Pml4Cap>(root).asid()).value();
                for (std::uint64_t part = 0; part < 2; ++part) {
                    for (std::uint64_t page = 0; page < 4; ++page) {
                        const UserAddress address{base + part * (std::uint64_t{1} << 21) + page * 0x1000};
                        const std::optional<frame::Translation> now = frame::translate(vspace, address);
                        const bool is_named = std::ranges::any_of(pages, [&](Index index) {
                            const frame::FrameCap cap = space.cap<frame::FrameCap>(index);
                            return cap.is_mapped() && cap.mapping() == frame::Mapping{vspace.asid(), address} &&
                                   now.has_value() && cap.start() == now->physical;
                        });
                        CHECK(!now.has_value() || is_named);
                    }
                }
            }
        }
    });
}

}  // namespace
