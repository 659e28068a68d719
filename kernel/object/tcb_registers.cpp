// SPDX-License-Identifier: GPL-2.0-only
#include <span>

#include <frame/core.hpp>
#include "kernel/ipc/message.hpp"
#include "kernel/object/registers.hpp"
#include "kernel/object/tcb_invocation.hpp"
#include "kernel/object/thread.hpp"
#include "kernel/sched/scheduler.hpp"

namespace kernel {

namespace {

/// The bit of a flags word at which an argument lies.
constexpr bool flag(std::uint64_t word, unsigned shift) { return ((word >> shift) & 1) != 0; }

/// Puts the first `count` registers into a message, one place after the other, each known when compiling.
void put_registers(const Message& message, const Tcb& tcb, std::uint64_t count) {
    [&]<std::size_t... index>(std::index_sequence<index...>) {
        const auto put = [&](std::uint64_t at, std::uint64_t value) {
            message.set(at, value);
            return true;
        };
        [[maybe_unused]] const bool all =
            ((index < count && put(index, read_register(tcb, abi::user_context[index]))) && ...);
    }(std::make_index_sequence<abi::user_context.size()>{});
}

/// Sets the first `count` registers to arguments `first` onwards, likewise.
void take_registers(const Invocation& invocation, std::uint64_t first, Tcb& tcb, std::uint64_t count) {
    [&]<std::size_t... index>(std::index_sequence<index...>) {
        const auto take = [&](abi::Register reg, std::uint64_t value) {
            write_register(tcb, reg, value);
            return true;
        };
        [[maybe_unused]] const bool all =
            ((index < count && take(abi::user_context[index], invocation.argument(first + index))) && ...);
    }(std::make_index_sequence<abi::user_context.size()>{});
}

/// After a thread's registers were changed from outside: it goes on where it now says it was.
void after_change(const frame::Phase& phase, frame::Ref<Tcb> tcb) {
    if (frame::this_core(phase).is_current(tcb)) {
        frame::this_core(phase).refresh_segment_bases(tcb);
        scheduler(phase).require_reschedule(phase);
    } else {
        tcb->context().load_in_full();
    }
}

}  // namespace

Outcome read_registers(const frame::Phase& phase, const Invocation& invocation, frame::Ref<Tcb> tcb) {
    using Args = abi::args::tcb_read_registers;
    if (invocation.length() < Args::length) {
        return error::truncated_message();
    }
    const std::uint64_t flags = invocation.argument(Args::suspend_source);
    const std::uint64_t count = invocation.argument(Args::count);
    if (count < 1 || count > abi::register_count) {
        return error::range(1, abi::register_count);
    }
    if (tcb == invocation.caller()) {
        return error::illegal_operation();
    }
    invocation.commit(phase);
    if (flag(flags, Args::suspend_source_shift)) {
        suspend(phase, tcb);
    }
    if (invocation.is_call()) {
        put_registers(incoming(phase, invocation.caller()), *tcb, count);
    }
    return Done{.results = count};
}

Outcome write_registers(const frame::Phase& phase, const Invocation& invocation, frame::Ref<Tcb> tcb) {
    using Args = abi::args::tcb_write_registers;
    if (invocation.length() < Args::length) {
        return error::truncated_message();
    }
    const std::uint64_t flags = invocation.argument(Args::resume_target);
    const std::uint64_t count = invocation.argument(Args::count);
    if (invocation.length() - Args::length < count) {
        return error::truncated_message();
    }
    if (tcb == invocation.caller()) {
        return error::illegal_operation();
    }
    invocation.commit(phase);
    take_registers(invocation, Args::regs, *tcb, count);
    tcb->context().resume_at_fault_ip();
    after_change(phase, tcb);
    if (flag(flags, Args::resume_target_shift)) {
        resume(phase, tcb);
    }
    return Done{};
}

Outcome copy_registers(const frame::Phase& phase, const Invocation& invocation, frame::Ref<Tcb> tcb) {
    using Args = abi::args::tcb_copy_registers;
    const std::optional<frame::SlotRef> source_slot = invocation.extra_cap(Args::caps::source);
    if (invocation.length() < Args::length || !source_slot) {
        return error::truncated_message();
    }
    const std::optional<frame::ThreadCap> source_cap = source_slot->capability().as<frame::ThreadCap>();
    if (!source_cap) {
        return error::invalid_capability(1);
    }
    const std::uint64_t flags = invocation.argument(Args::suspend_source);
    const frame::Ref<Tcb> source = source_cap->tcb(phase);
    invocation.commit(phase);
    if (flag(flags, Args::suspend_source_shift)) {
        suspend(phase, source);
    }
    if (flag(flags, Args::resume_target_shift)) {
        resume(phase, tcb);
    }
    const std::span<const abi::Register> all{abi::user_context};
    if (flag(flags, Args::transfer_frame_shift)) {
        for (const abi::Register reg : all.first(abi::frame_register_count)) {
            write_register(*tcb, reg, read_register(*source, reg));
        }
        tcb->context().resume_at_fault_ip();
    }
    if (flag(flags, Args::transfer_integer_shift)) {
        frame::this_core(phase).fetch_segment_bases(source);
        for (const abi::Register reg : all.subspan(abi::frame_register_count)) {
            write_register(*tcb, reg, read_register(*source, reg));
        }
    }
    after_change(phase, tcb);
    return Done{};
}

Outcome set_tls_base(const frame::Phase& phase, const Invocation& invocation, frame::Ref<Tcb> tcb) {
    using Args = abi::args::tcb_set_tls_base;
    if (invocation.length() < Args::length) {
        return error::truncated_message();
    }
    invocation.commit(phase);
    write_register(*tcb, abi::Register::fs_base, invocation.argument(Args::tls_base));
    if (frame::this_core(phase).is_current(tcb)) {
        frame::this_core(phase).refresh_segment_bases(tcb);
        scheduler(phase).require_reschedule(phase);
    }
    return Done{};
}

}  // namespace kernel
