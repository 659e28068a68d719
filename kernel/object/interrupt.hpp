// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <array>
#include <optional>

#include <frame/interrupt_controller.hpp>
#include <frame/slot.hpp>
#include "kernel/api/invocation.hpp"

namespace kernel {

/// What an interrupt does, and to whom (seL4 manual, 8.1).
class InterruptTable {
public:
    /// Interrupt numbers: vectors from `frame::interrupt_vector::first` to the timer's.
    static constexpr std::size_t count = frame::interrupt_vector::timer - frame::interrupt_vector::first + 1;

    enum class State : std::uint8_t {
        inactive,  ///< nobody holds a handler capability
        signal,    ///< signals the notification in its slot
        reserved,  ///< the kernel's own
    };

    constexpr explicit InterruptTable(const frame::Birth& birth) : slots_{birth} {
        states_[frame::interrupt_vector::timer - frame::interrupt_vector::first] = State::reserved;
        if constexpr (abi::config::iommu) {
            states_[frame::interrupt_vector::iommu - frame::interrupt_vector::first] = State::reserved;
        }
    }
    InterruptTable(const InterruptTable&) = delete;
    InterruptTable& operator=(const InterruptTable&) = delete;

    [[nodiscard]] State state(std::uint64_t irq) const { return states_[irq]; }
    [[nodiscard]] bool is_active(std::uint64_t irq) const { return states_[irq] != State::inactive; }
    /// Hands an interrupt out; `pin` is where it comes from, nothing for messages.
    void activate(std::uint64_t irq, std::optional<frame::IoApicPin> pin) {
        states_[irq] = State::signal;
        pins_[irq] = pin;
    }
    void deactivate(std::uint64_t irq) { states_[irq] = State::inactive; }
    [[nodiscard]] std::optional<frame::IoApicPin> pin(std::uint64_t irq) const { return pins_[irq]; }
    /// The slot for the capability to the notification that the interrupt signals.
    [[nodiscard]] frame::SlotRef slot(const frame::Phase& phase [[clang::lifetimebound]], std::uint64_t irq) {
        return slots_.at(phase, irq);
    }

private:
    std::array<State, count> states_{};
    std::array<std::optional<frame::IoApicPin>, count> pins_{};
    frame::SlotArray<count> slots_;
};

/// Handles one interrupt: a tick, or a signal to its handler's notification, masked until acknowledged.
void handle_interrupt(const frame::Phase& phase, std::uint32_t vector);

/// The last handler capability goes away: the interrupt signals nobody any more, and then belongs to nobody.
void detach_interrupt(const frame::Phase& phase, std::uint64_t irq);
void release_interrupt(const frame::Phase& phase, std::uint64_t irq);

/// IRQControl Get, GetIOAPIC and GetMSI; IRQHandler Ack, SetNotification and Clear.
[[nodiscard]] Outcome invoke_irq_control(const frame::Phase& phase, const Invocation& invocation);
[[nodiscard]] Outcome invoke_irq_handler(const frame::Phase& phase, const Invocation& invocation);

}  // namespace kernel
