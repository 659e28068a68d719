// SPDX-License-Identifier: GPL-2.0-only
//
// Each invariant sees the damage that it is there for: the state of a sound system is corrupted, word by word, behind the
// kernel's back.
#include "tests/machine/invariants.hpp"

#include <algorithm>
#include <functional>
#include <set>

#include <frame/detail/core_access.hpp>
#include <frame/detail/object_memory.hpp>
#include "frame/host/arena.hpp"
#include "frame/host/mmu.hpp"
#include "kernel/object/interrupt.hpp"
#include "kernel/object/thread.hpp"
#include "kernel/sched/scheduler.hpp"
#include "tests/machine/base_system.hpp"
#include "tests/machine/census.hpp"
#include "tests/machine/machine.hpp"
#include "tests/support/test.hpp"

namespace {

using frame::Slot;
using frame::detail::LinkAccess;
using frame::detail::SlotAccess;
using test::BaseSystem;
using test::Census;
using test::Held;
using test::Machine;

/// Where a slot is, for damage to it.
Slot& slot_of(const Held& held) { return *frame::detail::pointer_at<Slot>(held.place); }

/// A running system with something of everything in it.
struct Subject {
    Machine& machine = Machine::boot();
    BaseSystem system = BaseSystem::build(machine);
    Census census{};

    Subject() { machine.checks_every_entry = false; }

    template <class Kind>
    [[nodiscard]] const Held& held() const {
        const auto found = std::ranges::find_if(census.held, [](const Held& each) { return each.is<Kind>(); });
        CHECK(found != census.held.end());
        return *found;
    }
    [[nodiscard]] kernel::Tcb& waiting_thread() const {
        const auto found = std::ranges::find_if(
            census.tcbs, [](const auto& tcb) { return tcb.object->state == kernel::ThreadState::blocked_on_receive; });
        CHECK(found != census.tcbs.end());
        return *found->object;
    }
};

/// Only a sound system says anything about damage.
void check_sound() {
    for (const test::Violation& violation : test::violations()) {
        test::fail(std::string{violation.invariant} + ": " + violation.what, std::source_location::current());
    }
}

/// Passes if the invariant holds before the damage and not after it.
void check_sees(std::string_view invariant, const std::function<void(Subject&)>& damage) {
    Subject subject;
    check_sound();
    damage(subject);
    const auto violations = test::violations();
    const bool is_seen =
        std::ranges::any_of(violations, [&](const test::Violation& each) { return each.invariant == invariant; });
    if (!is_seen) {
        test::fail("the damage was not seen by " + std::string{invariant}, std::source_location::current());
    }
}

std::uint64_t& word(std::uint64_t offset) { return *frame::detail::pointer_at<std::uint64_t>(offset); }

TEST("each invariant has a name of its own and cites the manual") {
    std::set<std::string_view> names;
    for (const test::Invariant& invariant : test::invariants()) {
        CHECK(names.insert(invariant.name).second);
        CHECK(invariant.sentence.find("seL4 manual, ") != std::string_view::npos);
    }
}

TEST("derivation-list: a slot that its neighbour does not name") {
    check_sees("derivation-list", [](Subject& subject) {
        const auto linked = std::ranges::find_if(subject.census.held, [](const Held& held) { return held.next != 0; });
        SlotAccess::previous(slot_of(*subject.census.find(test::place_in(linked->next)))) = 0;
    });
}

TEST("derivation-list: a capability that vanished without being unlinked") {
    check_sees("derivation-list", [](Subject& subject) {
        const auto linked = std::ranges::find_if(subject.census.held, [](const Held& held) { return held.next != 0; });
        SlotAccess::first(slot_of(*linked)) = 0;
    });
}

TEST("derivation-model: a lost revocable mark makes children siblings") {
    check_sees("derivation-model", [](Subject& subject) {
        const auto original = std::ranges::find_if(subject.census.held, [&](const Held& held) {
            return held.is<frame::UntypedCap>() && held.next != 0 && held.is_revocable &&
                   frame::same_region(held.capability(), subject.census.find(test::place_in(held.next))->capability());
        });
        CHECK(original != subject.census.held.end());
        SlotAccess::next(slot_of(*original)) &= ~frame::detail::RevocableBit::mask;
    });
}

TEST("capabilities-live: an object that died while a capability names it") {
    check_sees("capabilities-live",
               [](Subject& subject) { frame::detail::shadow_kill(subject.held<frame::EndpointCap>().address(), 16); });
}

TEST("capabilities-live: memory that was used again for the same type") {
    check_sees("capabilities-live", [](Subject& subject) {
        const std::uint64_t offset = subject.held<frame::EndpointCap>().address();
        frame::detail::shadow_kill(offset, 16);
        frame::detail::shadow_make(offset, 16, &frame::detail::type_tag<kernel::Endpoint>);
    });
}

TEST("capabilities-live: a capability of another type than its object") {
    check_sees("capabilities-live", [](Subject& subject) {
        std::uint64_t& first = SlotAccess::first(slot_of(subject.held<frame::EndpointCap>()));
        first = frame::detail::TagField::set(first, abi::number(abi::CapabilityTag::Notification));
    });
}

TEST("watermarks: one that is below what was made") {
    check_sees("watermarks", [](Subject& subject) {
        for (const Held& held : subject.census.held) {
            if (const auto untyped = held.as<frame::UntypedCap>(); untyped && !untyped->is_device()) {
                SlotAccess::second(slot_of(held)) = 0;
            }
        }
    });
}

TEST("reply-capabilities: one to a thread that waits for nothing") {
    check_sees("reply-capabilities", [](Subject& subject) {
        for (const Held& held : subject.census.held) {
            if (const auto reply = held.as<frame::ReplyCap>(); reply && !reply->is_master()) {
                subject.census.living<kernel::Tcb>(held.address())->state = kernel::ThreadState::inactive;
            }
        }
    });
}

TEST("interrupt-handlers: an interrupt that signals without a handler capability") {
    check_sees("interrupt-handlers", [](Subject& subject) {
        subject.census.phase.state<kernel::InterruptTable>().activate(100, std::nullopt);
    });
}

TEST("wait-queues: a waiting thread whose state says otherwise") {
    check_sees("wait-queues", [](Subject& subject) { subject.waiting_thread().state = kernel::ThreadState::inactive; });
}

TEST("wait-queues: a thread that was not unlinked") {
    check_sees("wait-queues",
               [](Subject& subject) { LinkAccess::owner(subject.waiting_thread().block.links.wait) = 0; });
}

TEST("ready-queues: a thread that may run and is in no queue") {
    check_sees("ready-queues", [](Subject& subject) { subject.waiting_thread().state = kernel::ThreadState::running; });
}

TEST("ready-queues: a thread in the queue of another priority") {
    check_sees("ready-queues", [](Subject& subject) {
        const auto ready = std::ranges::find_if(
            subject.census.tcbs, [](const auto& tcb) { return tcb.object->block.links.ready.is_linked(); });
        CHECK(ready != subject.census.tcbs.end());
        ++ready->object->priority;
    });
}

TEST("bound-notifications: one side that forgot the other") {
    check_sees("bound-notifications", [](Subject& subject) {
        const auto bound = std::ranges::find_if(subject.census.notifications, [](const auto& notification) {
            return notification.object->links.bound.is_bound();
        });
        CHECK(bound != subject.census.notifications.end());
        LinkAccess::peer(bound->object->links.bound) = 0;
    });
}

TEST("core: a running thread that may not run") {
    check_sees("core", [](Subject& subject) { subject.machine.running().state = kernel::ThreadState::inactive; });
}

TEST("core: the FPU state of a dead thread") {
    check_sees("core", [](Subject& subject) {
        // Its tag is of another object than the one that lives there.
        frame::detail::CoreAccess::set_fpu_owner(frame::detail::CoreAccess::this_core(),
                                                 frame::detail::window_base + subject.census.tcbs.front().offset);
    });
}

TEST("core: a loaded root that its ASID does not name") {
    check_sees("core", [](Subject& subject) {
        for (const Held& held : subject.census.held) {
            frame::Core& core = frame::detail::CoreAccess::this_core();
            if (held.is<frame::Pml4Cap>() && held.address() != frame::detail::CoreAccess::root_offset(core)) {
                frame::detail::CoreAccess::set_root(core, held.capability().as<frame::Pml4Cap>().value());
                return;
            }
        }
        test::fail("the system has only one root", std::source_location::current());
    });
}

TEST("thread-list: a thread that left it") {
    check_sees("thread-list", [](Subject& subject) {
        const frame::Phase& phase = subject.census.phase;
        kernel::ThreadList& list = phase.state<kernel::ThreadList>();
        list.threads.remove(list.threads.front(phase).value());
    });
}

/// The last entry of the page table of the initial thread's image that maps something.
std::uint64_t a_leaf(const Subject& subject) {
    const std::uint64_t table = subject.held<frame::PageTableCap>().address();
    for (std::uint64_t index = 0; index < 512; ++index) {
        if ((word(table + index * 8) & 1) != 0) {
            return table + index * 8;
        }
    }
    test::fail("the page table is empty", std::source_location::current());
}

TEST("leaf-entries: a page that no capability is mapped at") {
    check_sees("leaf-entries", [](Subject& subject) {
        const std::uint64_t leaf = a_leaf(subject);
        word((leaf & ~std::uint64_t{4095}) + 4088) = word(leaf);
    });
}

TEST("leaf-entries: more rights than the capability has") {
    check_sees("leaf-entries", [](Subject& subject) {
        for (const Held& held : subject.census.held) {
            if (const auto frame = held.as<frame::FrameCap>(); frame && frame->is_mapped()) {
                SlotAccess::first(slot_of(held)) =
                    frame::detail::CapabilityFactory::first(frame->restricted_to(frame::VmRights::read_only));
            }
        }
    });
}

TEST("paging-tables: an entry that leads to something else") {
    check_sees("paging-tables", [](Subject& subject) {
        const std::uint64_t directory = subject.held<frame::PageDirectoryCap>().address();
        word(directory + 4088) = subject.held<frame::EndpointCap>().address() / 4096 * 4096 + 7;
    });
}

TEST("paging-tables: a kernel half that changed") {
    check_sees("paging-tables", [](Subject& subject) { word(subject.held<frame::Pml4Cap>().address() + 256 * 8) = 7; });
}

TEST("asids: a root that is dead") {
    check_sees("asids",
               [](Subject& subject) { frame::detail::shadow_kill(subject.held<frame::Pml4Cap>().address(), 4096); });
}

TEST("asids: a root with two ASIDs") {
    check_sees("asids", [](Subject& subject) {
        const std::uint64_t pool = subject.held<frame::AsidPoolCap>().address();
        word(pool + 77 * 8) = word(pool + 8);
    });
}

TEST("no-kernel-memory-mapped: a page entry to a TCB's memory") {
    check_sees("no-kernel-memory-mapped", [](Subject& subject) {
        const std::uint64_t leaf = a_leaf(subject);
        word(leaf) = (word(leaf) & 4095) | (subject.census.tcbs.front().offset / 4096 * 4096);
    });
}

TEST("tlb: a translation that outlived its mapping") {
    check_sees("tlb", [](Subject& subject) {
        const frame::UserAddress buffer = subject.machine.running().ipc_buffer;
        CHECK(subject.machine.load(buffer.value()).has_value());
        // The entry goes, and with it the capability's note, as if Unmap had forgotten the processor.
        for (const Held& held : subject.census.held) {
            const auto frame = held.as<frame::FrameCap>();
            if (frame && frame->is_mapped() && frame->mapping().address == buffer) {
                SlotAccess::second(slot_of(held)) = 0;
            }
        }
        const std::uint64_t table = subject.held<frame::PageTableCap>().address();
        word(table + (buffer.value() >> 12) % 512 * 8) = 0;
    });
}

}  // namespace
