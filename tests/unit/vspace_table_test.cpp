// SPDX-License-Identifier: GPL-2.0-only
//
// Page tables, directories and PDPTs: what goes with them when they are unmapped or deleted.
#include <array>

#include <frame/detail/window_memory.hpp>
#include "tests/unit/loaded_space.hpp"

namespace {

using frame::PhysicalAddress;
using frame::host::Mmu;
using Label = abi::InvocationLabel;
using test::check_tlb;
using test::read;
using Space = test::LoadedSpace;
using Index = Space::Index;

constexpr std::uint64_t base = Space::base;

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

}  // namespace
