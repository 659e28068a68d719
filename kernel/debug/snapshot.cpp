// SPDX-License-Identifier: GPL-2.0-only
#include "kernel/debug/snapshot.hpp"

#include "kernel/debug/object_name.hpp"
#include "kernel/object/interrupt.hpp"

namespace kernel {

namespace {

/// Whether the slot holds the first of the capabilities to an object, which lie next to each other. Reply capabilities
/// come with their thread's own, so they are passed over.
bool is_first_to_object(const frame::Phase& phase, frame::SlotRef slot) {
    const frame::Capability cap = slot.capability();
    const std::optional<ObjectName> name = name_of(cap);
    if (!name || cap.is<frame::ReplyCap>()) {
        return false;
    }
    const std::optional<frame::SlotRef> before = frame::previous_capability(phase, slot);
    return !before || name_of(before->capability()) != name;
}

template <class Look>
void for_each_object(const frame::Phase& phase, Look look) {
    for (std::optional<frame::SlotRef> slot = frame::first_capability(phase); slot.has_value();
         slot = frame::next_capability(phase, *slot)) {
        if (is_first_to_object(phase, *slot)) {
            const frame::SlotRef first = *slot;
            look(first);
        }
    }
}

void print_interrupts(const frame::Phase& phase) {
    frame::Console& console = frame::console(phase);
    const InterruptTable& table = phase.state<InterruptTable>();
    console.print("irq maps {\n");
    for (std::uint64_t irq = 0; irq < InterruptTable::count; ++irq) {
        if (table.state(irq) == InterruptTable::State::signal) {
            console.print(irq, ": ");
            print(console, ObjectName{.kind = ObjectName::Kind::irq, .number = irq});
            console.print("\n");
        }
    }
    console.print("}\n");
}

}  // namespace

void print_snapshot(const frame::Phase& phase, frame::Ref<Tcb> caller) {
    frame::Console& console = frame::console(phase);
    console.print("-- Snapshot for ");
    print(console, ObjectName{.kind = ObjectName::Kind::thread, .number = frame::object_address(caller).value()});
    print_thread_name(console, *caller);
    console.print("\narch x86_64\nobjects {\n");
    for_each_object(phase, [&phase](frame::SlotRef slot) { declare_object(phase, slot); });
    console.print("}\ncaps {\n");
    for_each_object(phase, [&phase](frame::SlotRef slot) { print_contents(phase, slot.capability()); });
    console.print("}\n");
    print_interrupts(phase);
}

}  // namespace kernel
