// SPDX-License-Identifier: GPL-2.0-only
// Every way into the kernel (frame/entry_points.hpp): decide what happened, act, and leave the rest to the scheduler.
#include <optional>
#include <utility>

#include <frame/core.hpp>
#include <frame/entry_points.hpp>
#include "kernel/api/system_call.hpp"
#include "kernel/cap/lookup.hpp"
#include "kernel/debug/breakpoint.hpp"
#include "kernel/debug/paths.hpp"
#include "kernel/debug/utilisation.hpp"
#include "kernel/ipc/fastpath.hpp"
#include "kernel/ipc/fault.hpp"
#include "kernel/object/interrupt.hpp"
#include "kernel/sched/scheduler.hpp"
#include "kernel/vspace/page_fault.hpp"

namespace kernel {

namespace {

frame::Ref<Tcb> running_thread(const frame::Phase& phase [[clang::lifetimebound]]) {
    return frame::this_core(phase).current(phase).value();
}

[[gnu::always_inline]] void call(frame::Entry& entry, frame::Phase&& phase, frame::Ref<Tcb> tcb,
                                 std::uint64_t message_info) {
    const std::optional<frame::SlotRef> slot = find_called_slot(phase, tcb);
    if (slot && call_fast(phase, tcb, *slot, message_info)) {
        frame::mark<Taken::call_fast>();
        return;
    }
    if constexpr (frame::has_marks) {
        explain_call(phase, tcb, slot, message_info);
    }
    invoke(entry, std::move(phase), tcb, slot, InvokedBy::call);
}

/// Send and NBSend.
void send(frame::Entry& entry, frame::Phase&& phase, frame::Ref<Tcb> tcb, std::uint64_t capability,
          std::uint64_t message_info, InvokedBy how) {
    const std::optional<frame::SlotRef> slot = find_slot(phase, tcb, capability);
    if (!slot || !signal_fast(phase, *slot, message_info)) {
        if constexpr (frame::has_marks) {
            explain_signal(slot, message_info);
        }
        invoke(entry, std::move(phase), tcb, slot, how);
        return;
    }
    frame::mark<Taken::signal_fast>();
    scheduler(phase).finish_entry(phase);
}

void deliver(frame::Entry& entry, const Fault& fault) {
    const frame::Phase phase = entry.begin();
    deliver_fault(phase, running_thread(phase), fault);
    scheduler(phase).finish_entry(phase);
}

/// A number outside the system calls proper: an auxiliary call, or a fault.
void other_call(const frame::Phase& phase, frame::Ref<Tcb> tcb, std::int64_t number) {
    if (!handle_auxiliary_call(phase, tcb, number)) {
        deliver_fault(phase, tcb, Fault::unknown_syscall(static_cast<std::uint64_t>(number)));
    }
}

/// ReplyRecv, as Reply and Recv one after the other.
[[gnu::noinline]] void reply_then_receive(const frame::Phase& phase, frame::Ref<Tcb> tcb) {
    reply_to_caller(phase, tcb);
    receive_at(phase, tcb, tcb->context().get<call_register::capability>(), true);
    scheduler(phase).finish_entry(phase);
}

[[gnu::noinline]] void handle_other_call(frame::Entry& entry, frame::Phase&& phase, frame::Ref<Tcb> tcb,
                                         std::uint64_t capability, std::uint64_t message_info) {
    const auto number = static_cast<std::int64_t>(tcb->context().get<call_register::number>());
    const std::optional<abi::Syscall> call = abi::syscall(number);
    if (call == abi::Syscall::Send) {
        send(entry, std::move(phase), tcb, capability, message_info, InvokedBy::send);
        return;
    }
    if (call == abi::Syscall::NBSend) {
        send(entry, std::move(phase), tcb, capability, message_info, InvokedBy::nb_send);
        return;
    }
    if (call == abi::Syscall::Recv) {
        receive_at(phase, tcb, capability, true);
    } else if (call == abi::Syscall::NBRecv) {
        receive_at(phase, tcb, capability, false);
    } else if (call == abi::Syscall::Reply) {
        reply_to_caller(phase, tcb);
    } else {
        other_call(phase, tcb, number);
    }
    scheduler(phase).finish_entry(phase);
}

}  // namespace

[[gnu::always_inline]] void handle_system_call(frame::Entry& entry, frame::Phase&& phase, frame::Ref<Tcb> caller,
                                               std::uint64_t capability, std::uint64_t message_info,
                                               std::int64_t number) {
    // In the order of how much a few instructions matter to those who make them.
    if (number == abi::number(abi::Syscall::Call)) [[likely]] {
        call(entry, std::move(phase), caller, message_info);
    } else if (number == abi::number(abi::Syscall::ReplyRecv)) [[likely]] {
        if (!reply_and_receive_fast(phase, caller, message_info)) {
            if constexpr (frame::has_marks) {
                explain_reply_and_receive(phase, caller, capability, message_info);
            }
            reply_then_receive(phase, caller);
        }
    } else if (number == abi::number(abi::Syscall::Yield)) {
        scheduler(phase).yield(phase, caller);
    } else {
        handle_other_call(entry, std::move(phase), caller, capability, message_info);
    }
}

void handle_exception(frame::Entry& entry, std::uint32_t vector, std::uint64_t error_code) {
    deliver(entry, Fault::user_exception(vector, error_code));
}

void handle_debug_exception(frame::Entry& entry, const frame::DebugEvent& event) {
    const frame::Phase phase = entry.begin();
    const frame::Ref<Tcb> tcb = running_thread(phase);
    if (const std::optional<Fault> fault = debug_fault(*tcb, event)) {
        deliver_fault(phase, tcb, *fault);
    }
    scheduler(phase).finish_entry(phase);
}

void handle_page_fault(frame::Entry& entry, std::uint64_t address, std::uint64_t error_code) {
    deliver(entry, page_fault(address, error_code));
}

void handle_trap(frame::Entry& entry, std::int32_t number) {
    const frame::Phase phase = entry.begin();
    other_call(phase, running_thread(phase), number);
    scheduler(phase).finish_entry(phase);
}

void handle_interrupt(frame::Entry& entry, std::uint32_t vector) {
    const frame::Phase phase = entry.begin();
    handle_interrupt(phase, vector);
    scheduler(phase).finish_entry(phase);
}

void begin_entry(frame::Entry& entry) {
    const frame::Phase phase = entry.begin();
    phase.state<Utilisation>().begin_entry();
}

void end_entry(frame::Entry& entry) {
    const frame::Phase phase = entry.begin();
    phase.state<Utilisation>().end_entry(phase);
}

}  // namespace kernel
