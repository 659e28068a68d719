// SPDX-License-Identifier: GPL-2.0-only
#include "kernel/object/interrupt.hpp"

#include "kernel/cap/finalise.hpp"
#include "kernel/ipc/notification.hpp"
#include "kernel/sched/scheduler.hpp"

namespace kernel {

namespace {

void mask(const frame::Phase& phase, std::uint64_t irq, bool masked) {
    if (const std::optional<frame::IoApicPin> pin = phase.state<InterruptTable>().pin(irq)) {
        frame::mask_pin(*pin, masked);
    }
}

Outcome set_notification(const frame::Phase& phase, const Invocation& invocation, std::uint64_t irq) {
    const std::optional<frame::SlotRef> source =
        invocation.extra_cap(abi::args::irq_set_irq_handler::caps::notification);
    if (!source) {
        return error::truncated_message();
    }
    const std::optional<frame::NotificationCap> cap = source->capability().as<frame::NotificationCap>();
    if (!cap || !cap->can_send()) {
        return error::invalid_capability(0);
    }
    invocation.commit(phase);
    const frame::SlotRef slot = phase.state<InterruptTable>().slot(phase, irq);
    delete_simple(phase, slot);
    slot.insert_copy(*source, *cap);
    return Done{};
}

}  // namespace

void handle_interrupt(const frame::Phase& phase, std::uint32_t vector) {
    if (vector < frame::interrupt_vector::first || vector > frame::interrupt_vector::timer) {
        return;  // spurious: nothing is in service
    }
    InterruptTable& table = phase.state<InterruptTable>();
    const std::uint64_t irq = vector - frame::interrupt_vector::first;
    switch (table.state(irq)) {
    case InterruptTable::State::inactive:
        mask(phase, irq, true);
        break;
    case InterruptTable::State::reserved:
        if (vector == frame::interrupt_vector::timer) {
            scheduler(phase).tick(phase);
        }
        break;
    case InterruptTable::State::signal:
        if (const std::optional<frame::NotificationCap> cap =
                table.slot(phase, irq).capability().as<frame::NotificationCap>();
            cap.has_value() && cap->can_send()) {
            signal(phase, cap->notification(phase), cap->badge());
        }
        mask(phase, irq, true);
        break;
    }
    frame::acknowledge_interrupt();
}

void detach_interrupt(const frame::Phase& phase, std::uint64_t irq) {
    delete_simple(phase, phase.state<InterruptTable>().slot(phase, irq));
}

void release_interrupt(const frame::Phase& phase, std::uint64_t irq) {
    mask(phase, irq, true);
    phase.state<InterruptTable>().deactivate(irq);
}

Outcome invoke_irq_handler(const frame::Phase& phase, const Invocation& invocation) {
    const std::uint64_t irq = invocation.slot().capability().as<frame::IrqHandlerCap>().value().irq();
    const std::optional<abi::InvocationLabel> label = invocation.label();
    if (label == abi::InvocationLabel::IRQAckIRQ) {
        invocation.commit(phase);
        mask(phase, irq, false);
        return Done{};
    }
    if (label == abi::InvocationLabel::IRQSetIRQHandler) {
        return set_notification(phase, invocation, irq);
    }
    if (label == abi::InvocationLabel::IRQClearIRQHandler) {
        invocation.commit(phase);
        delete_simple(phase, phase.state<InterruptTable>().slot(phase, irq));
        return Done{};
    }
    return error::illegal_operation();
}

}  // namespace kernel
