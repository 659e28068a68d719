// SPDX-License-Identifier: GPL-2.0-only
#include "kernel/cap/lookup.hpp"
#include "kernel/object/interrupt.hpp"

namespace kernel {

namespace {

using IoApicArgs = abi::args::x86_irq_issue_irq_handler_ioapic;
using MsiArgs = abi::args::x86_irq_issue_irq_handler_msi;

/// Interrupts that users may choose, counted from 0.
constexpr std::uint64_t user_interrupts = frame::interrupt_vector::last_user - frame::interrupt_vector::first_user + 1;
constexpr std::uint64_t first_user_irq = frame::interrupt_vector::first_user - frame::interrupt_vector::first;

/// Largest PCI bus, device and function number.
constexpr std::uint64_t last_pci_bus = 255;
constexpr std::uint64_t last_pci_device = 31;
constexpr std::uint64_t last_pci_function = 7;

/// An empty slot for the new capability.
Result<frame::SlotRef> destination(const frame::Phase& phase [[clang::lifetimebound]], const Invocation& invocation,
                                   frame::SlotRef root, std::uint64_t index, std::uint64_t depth) {
    const Result<frame::SlotRef> slot = lookup_operand(phase, root.capability(), invocation.argument(index),
                                                       invocation.argument(depth), Side::destination);
    if (slot && !slot->is_empty()) {
        return error::delete_first();
    }
    return slot;
}

Result<Done> at_most(std::uint64_t value, std::uint64_t maximum) {
    if (value > maximum) {
        return error::range(0, maximum);
    }
    return Done{};
}

Outcome issue(const frame::Phase& phase, const Invocation& invocation, frame::SlotRef slot, std::uint64_t irq,
              std::optional<frame::IoApicPin> pin) {
    const frame::IrqControlCap control = invocation.slot().capability().as<frame::IrqControlCap>().value();
    phase.state<InterruptTable>().activate(irq, pin);
    if (pin) {
        frame::mask_pin(*pin, false);  // drivers need not acknowledge an interrupt that they have not had yet
    }
    slot.insert_copy(invocation.slot(), frame::IrqHandlerCap::derive(control, irq));
    return Done{};
}

Outcome issue_for_pin(const frame::Phase& phase, const Invocation& invocation, frame::SlotRef slot, std::uint64_t irq) {
    const std::uint64_t io_apic = invocation.argument(IoApicArgs::ioapic);
    const std::uint64_t number = invocation.argument(IoApicArgs::pin);
    if (frame::io_apic_count() == 0) {
        return error::illegal_operation();
    }
    const std::uint64_t level = invocation.argument(IoApicArgs::level);
    const std::uint64_t polarity = invocation.argument(IoApicArgs::polarity);
    if (const Result<Done> valid = at_most(io_apic, frame::io_apic_count() - 1); !valid) {
        return std::unexpected{valid.error()};
    }
    const std::uint64_t pins = frame::io_apic_pin_count(static_cast<std::uint32_t>(io_apic));
    if (const Result<Done> valid =
            at_most(number, pins - 1).and_then([&](Done) { return at_most(level, 1); }).and_then([&](Done) {
                return at_most(polarity, 1);
            });
        !valid) {
        return std::unexpected{valid.error()};
    }
    invocation.commit(phase);
    const frame::IoApicPin pin{static_cast<std::uint32_t>(io_apic), static_cast<std::uint32_t>(number)};
    frame::route_pin(pin, level == 0 ? frame::TriggerMode::edge : frame::TriggerMode::level,
                     polarity == 0 ? frame::Polarity::high : frame::Polarity::low,
                     static_cast<std::uint32_t>(irq + frame::interrupt_vector::first));
    return issue(phase, invocation, slot, irq, pin);
}

/// The device sends its interrupts as messages that it was told by its driver: there is nothing to route.
Outcome issue_for_message(const frame::Phase& phase, const Invocation& invocation, frame::SlotRef slot,
                          std::uint64_t irq) {
    const Result<Done> valid =
        at_most(invocation.argument(MsiArgs::pci_bus), last_pci_bus)
            .and_then([&](Done) { return at_most(invocation.argument(MsiArgs::pci_dev), last_pci_device); })
            .and_then([&](Done) { return at_most(invocation.argument(MsiArgs::pci_func), last_pci_function); });
    if (!valid) {
        return std::unexpected{valid.error()};
    }
    invocation.commit(phase);
    return issue(phase, invocation, slot, irq, std::nullopt);
}

/// IRQControl Get, which names the lines of the legacy interrupt controllers: there are none with I/O APICs.
Outcome issue_legacy(const Invocation& invocation) {
    using Args = abi::args::irq_issue_irq_handler;
    if (invocation.length() < Args::length || !invocation.extra_cap(Args::caps::root)) {
        return error::truncated_message();
    }
    return error::illegal_operation();
}

}  // namespace

Outcome invoke_irq_control(const frame::Phase& phase, const Invocation& invocation) {
    const std::optional<abi::InvocationLabel> label = invocation.label();
    if (label == abi::InvocationLabel::IRQIssueIRQHandler) {
        return issue_legacy(invocation);
    }
    const bool for_pin = label == abi::InvocationLabel::X86IRQIssueIRQHandlerIOAPIC;
    const bool for_message = label == abi::InvocationLabel::X86IRQIssueIRQHandlerMSI;
    if (!for_pin && !for_message) {
        return error::illegal_operation();
    }
    const std::optional<frame::SlotRef> root = invocation.extra_cap(IoApicArgs::caps::root);
    if (invocation.length() < IoApicArgs::length || !root) {
        return error::truncated_message();
    }
    const std::uint64_t vector = invocation.argument(IoApicArgs::vector);
    if (const Result<Done> valid = at_most(vector, user_interrupts - 1); !valid) {
        return std::unexpected{valid.error()};
    }
    const std::uint64_t irq = vector + first_user_irq;
    if (phase.state<InterruptTable>().is_active(irq)) {
        return error::revoke_first();
    }
    const Result<frame::SlotRef> slot = destination(phase, invocation, *root, IoApicArgs::index, IoApicArgs::depth);
    if (!slot) {
        return std::unexpected{slot.error()};
    }
    return for_pin ? issue_for_pin(phase, invocation, *slot, irq) : issue_for_message(phase, invocation, *slot, irq);
}

}  // namespace kernel
