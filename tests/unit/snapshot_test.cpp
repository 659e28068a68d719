// SPDX-License-Identifier: GPL-2.0-only
//
// Snapshots of systems in every state, half deleted ones above all: the list of all capabilities is complete, and the text
// names nothing that it does not declare. tests/boot checks the text against the language's grammar.
#include <algorithm>
#include <cstdio>
#include <random>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <unistd.h>

#include "frame/host/processor.hpp"
#include "kernel/cap/deletion.hpp"
#include "kernel/debug/object_name.hpp"
#include "kernel/debug/snapshot.hpp"
#include "tests/support/test.hpp"
#include "tests/support/world.hpp"

namespace {

using test::World;
using Index = World::Index;

frame::Phase phase() { return frame::detail::PhaseFactory::make<frame::Phase>(); }

/// What the kernel prints while `act` runs: the host's console is standard error.
template <class Act>
std::string printed_by(Act act) {
    std::FILE* const file = std::tmpfile();
    std::fflush(stderr);
    const int kept = dup(STDERR_FILENO);
    dup2(fileno(file), STDERR_FILENO);
    act();
    std::fflush(stderr);
    dup2(kept, STDERR_FILENO);
    close(kept);
    std::rewind(file);
    std::string text;
    for (int character; (character = std::fgetc(file)) != EOF;) {
        text.push_back(static_cast<char>(character));
    }
    std::fclose(file);
    return text;
}

std::string first_word(const std::string& text) { return text.substr(0, text.find_first_of(" \n")); }

/// Each object is declared once, each name that a slot holds or that memory covers is declared, and braces match.
void check_text(const std::string& text) {
    std::set<std::string> declared{"irq_control", "asid_control", "domain"};
    std::vector<std::string> used;
    std::istringstream lines{text};
    int open = 0;
    for (std::string line; std::getline(lines, line);) {
        line = line.substr(0, line.find("--"));
        open += static_cast<int>(std::ranges::count(line, '{')) - static_cast<int>(std::ranges::count(line, '}'));
        if (const std::size_t equals = line.find(" = "); equals != std::string::npos) {
            CHECK(declared.insert(line.substr(0, equals)).second);
            if (const std::size_t brace = line.find('{'); brace != std::string::npos) {
                std::istringstream names{line.substr(brace + 1, line.find('}') - brace - 1)};
                for (std::string name; names >> name;) {
                    used.push_back(name.substr(0, name.find(',')));
                }
            }
        } else if (const std::size_t colon = line.find(": "); colon != std::string::npos) {
            used.push_back(first_word(line.substr(colon + 2)));
        } else if (const std::size_t brace = line.find(" {"); brace != std::string::npos && line.find("_0x") == brace) {
            used.push_back(line.substr(0, brace));
        }
    }
    CHECK_EQUAL(open, 0);
    for (const std::string& name : used) {
        if (!declared.contains(name)) {
            test::fail(name + " is not declared in\n" + text, std::source_location::current());
        }
    }
}

void take_snapshot(World& world, Index thread) {
    world.advance();
    check_text(printed_by([&] {
        const frame::Phase now = phase();
        kernel::print_snapshot(now, world.cap<frame::ThreadCap>(thread).tcb(now));
    }));
}

/// Every capability of the CNode is in the list, once.
void check_inventory(World& world, Index last) {
    world.advance();
    const frame::Phase now = phase();
    std::size_t found = 0;
    std::size_t expected = 0;
    for (Index index = 1; index < last; ++index) {
        expected += world.slot(index).is_empty() ? 0U : 1U;
    }
    for (std::optional<frame::SlotRef> slot = frame::first_capability(now); slot.has_value();
         slot = frame::next_capability(now, *slot)) {
        CHECK(!slot->is_empty());
        for (Index index = 1; index < last; ++index) {
            found += *slot == world.slot(index) ? 1U : 0U;
        }
        if (const std::optional<frame::SlotRef> next = frame::next_capability(now, *slot)) {
            CHECK(frame::previous_capability(now, *next).value() == *slot);
        }
    }
    CHECK_EQUAL(found, expected);
}

TEST("the list of all capabilities has each of them once") {
    test::for_seeds(1, 20, [](unsigned seed) {
        World world;
        std::mt19937 random{seed};
        std::vector<Index> known;
        for (unsigned step = 0; step < 60; ++step) {
            if (known.empty() || random() % 3 == 0) {
                known.push_back(world.carve(random() % 2 == 0 ? abi::ObjectType::Endpoint : abi::ObjectType::Page4K));
            } else if (random() % 2 == 0) {
                known.push_back(world.copy(known[random() % known.size()]).value());
            } else {
                const std::size_t victim = random() % known.size();
                world.erase(known[victim]);
                known.erase(known.begin() + static_cast<std::ptrdiff_t>(victim));
            }
        }
        check_inventory(world, world.fresh_slot());
    });
}

TEST("a snapshot of an empty system, and of one with an object of each kind") {
    World world;
    const Index thread = world.carve(abi::ObjectType::Tcb);
    take_snapshot(world, thread);
    const Index pool = world.make_pool();
    const Index root = world.make_root(pool);
    (void)world.make_pdpt(root, 0);
    (void)world.make_page_directory(root, 0);
    (void)world.make_page_table(root, 0);
    const Index page = world.carve(abi::ObjectType::Page4K);
    CHECK(world.map_page(page, root, 0x3000).has_value());
    const Index large = world.carve(abi::ObjectType::LargePage);
    CHECK(world.map_page(large, root, 0x40'0000).has_value());
    (void)world.carve(abi::ObjectType::Endpoint);
    (void)world.carve(abi::ObjectType::Notification);
    (void)world.carve(abi::ObjectType::CapTable, 3);
    (void)world.carve_device(abi::ObjectType::HugePage);
    (void)world.copy(page).value();
    take_snapshot(world, thread);
    // An address space without its ASID pool, a mapping without its address space.
    world.advance();
    CHECK(kernel::delete_capability(phase(), world.slot(pool).location()).has_value());
    take_snapshot(world, thread);
    world.advance();
    CHECK(kernel::delete_capability(phase(), world.slot(root).location()).has_value());
    take_snapshot(world, thread);
}

TEST("a snapshot tells what each capability may, and where it is mapped") {
    World world;
    const Index thread = world.carve(abi::ObjectType::Tcb);
    const Index pool = world.make_pool();
    const Index root = world.make_root(pool);
    (void)world.make_pdpt(root, 0);
    (void)world.make_page_directory(root, 0x4000'0000);
    (void)world.make_page_table(root, 0x4020'0000);
    const Index page = world.carve(abi::ObjectType::Page4K);
    CHECK(world.map_page(page, root, 0x4020'3000).has_value());
    (void)world.carve(abi::ObjectType::Endpoint);
    (void)world.carve(abi::ObjectType::Notification);
    (void)world.carve(abi::ObjectType::CapTable, 3);
    world.advance();
    const std::string text =
        printed_by([&] { kernel::print_snapshot(phase(), world.cap<frame::ThreadCap>(thread).tcb(phase())); });
    for (const std::string_view line :
         {": pml4_0x2022000 (asid: (0x0, 0x1))\n", ": pdpt_0x2023000 -- mapped at 0x0 in ASID 1\n",
          ": pd_0x2024000 -- mapped at 0x40000000 in ASID 1\n", ": pt_0x2025000 -- mapped at 0x40200000 in ASID 1\n",
          ": frame_0x2026000 (RWX) -- mapped at 0x40203000 in ASID 1\n", ": ep_0x2027000 (RWGP)\n",
          ": notification_0x2027020 (RW)\n", ": cnode_0x2027100 (guard: 0x0, guard_size: 0)\n"}) {
        if (text.find(line) == std::string::npos) {
            test::fail(std::string{line} + "is missing in\n" + text, std::source_location::current());
        }
    }
}

TEST("a snapshot at every preemption point of deletions in random tangles") {
    test::for_seeds(1, 25, [](unsigned seed) {
        World world;
        std::mt19937 random{seed};
        const Index thread = world.carve(abi::ObjectType::Tcb);
        const Index memory = world.carve(abi::ObjectType::Untyped, 18);
        std::vector<Index> known;
        for (unsigned count = 0; count < 8; ++count) {
            known.push_back(random() % 3 == 0 ? world.carve_in(memory, abi::ObjectType::Tcb)
                                              : world.carve_in(memory, abi::ObjectType::CapTable, 1 + random() % 4));
        }
        for (unsigned step = 0; step < 40; ++step) {
            world.advance();
            const Index into = known[random() % known.size()];
            const Index what = known[random() % known.size()];
            const std::optional<frame::CNodeCap> cnode = world.slot(into).capability().as<frame::CNodeCap>();
            if (!cnode || world.slot(what).is_empty()) {
                continue;
            }
            const frame::SlotRef slot = frame::cnode_slot(world.phase(), *cnode, random() % cnode->slots());
            if (slot.is_empty() && into != what && random() % 2 == 0) {
                slot.move_from(world.slot(what), world.slot(what).capability());
            } else if (slot.is_empty()) {
                slot.insert_copy(world.slot(what), world.slot(what).capability());
            }
        }
        take_snapshot(world, thread);
        frame::host::Processor::instance().is_interrupt_pending = true;
        unsigned preempted = 0;
        while (true) {
            world.advance();
            if (kernel::revoke_capability(phase(), world.slot(memory).location()).has_value()) {
                break;
            }
            take_snapshot(world, thread);
            CHECK(++preempted < 1000);
        }
        take_snapshot(world, thread);
        CHECK(!world.slot(memory).has_children());
    });
}

TEST("what a program called a thread stays on its line") {
    World world;
    const Index thread = world.carve(abi::ObjectType::Tcb);
    world.advance();
    kernel::Tcb& tcb = *world.cap<frame::ThreadCap>(thread).tcb(world.phase());
    const std::string_view name = "a\n}\r\x01\xff\"\x7f\\";
    tcb.name = {};
    std::ranges::copy(name, tcb.name.begin());
    const std::string text =
        printed_by([&] { kernel::print_snapshot(phase(), world.cap<frame::ThreadCap>(thread).tcb(phase())); });
    CHECK(text.find("\"a?}??????\"\n") != std::string::npos);
    check_text(text);
}

}  // namespace
