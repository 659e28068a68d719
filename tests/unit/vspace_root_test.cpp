// SPDX-License-Identifier: GPL-2.0-only
//
// Roots and ASIDs: what ends an address space, that nothing of it comes back, and the kernel's half of each.
#include <frame/detail/window_memory.hpp>
#include "tests/unit/loaded_space.hpp"

namespace {

using frame::host::Mmu;
using Label = abi::InvocationLabel;
using test::check_tlb;
using test::read;
using Space = test::LoadedSpace;
using Index = Space::Index;

constexpr std::uint64_t base = Space::base;

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

}  // namespace
