// SPDX-License-Identifier: GPL-2.0-only
#include <frame/core.hpp>
#include "kernel/object/tcb_invocation.hpp"
#include "kernel/sched/scheduler.hpp"

namespace kernel {

namespace {

/// The thread whose maximum controlled priority limits what the invocation may set (seL4 manual, 6.1.5).
Result<frame::Ref<Tcb>> authority(const frame::Phase& phase [[clang::lifetimebound]], frame::SlotRef slot) {
    const std::optional<frame::ThreadCap> cap = slot.capability().as<frame::ThreadCap>();
    if (!cap) {
        return error::invalid_capability(1);
    }
    return cap->tcb(phase);
}

Result<Priority> checked_priority(std::uint64_t wanted, const Tcb& authority) {
    if (wanted > authority.maximum_controlled_priority) {
        return error::range(0, authority.maximum_controlled_priority);
    }
    return static_cast<Priority>(wanted);
}

}  // namespace

Outcome set_priority(const frame::Phase& phase, const Invocation& invocation, frame::Ref<Tcb> tcb) {
    using Args = abi::args::tcb_set_priority;
    const std::optional<frame::SlotRef> slot = invocation.extra_cap(Args::caps::authority);
    if (invocation.length() < Args::length || !slot) {
        return error::truncated_message();
    }
    const Result<Priority> priority = authority(phase, *slot).and_then([&](frame::Ref<Tcb> limit) {
        return checked_priority(invocation.argument(Args::priority), *limit);
    });
    if (!priority) {
        return std::unexpected{priority.error()};
    }
    invocation.commit(phase);
    scheduler(phase).set_priority(phase, tcb, *priority);
    return Done{};
}

Outcome set_mc_priority(const frame::Phase& phase, const Invocation& invocation, frame::Ref<Tcb> tcb) {
    using Args = abi::args::tcb_set_mc_priority;
    const std::optional<frame::SlotRef> slot = invocation.extra_cap(Args::caps::authority);
    if (invocation.length() < Args::length || !slot) {
        return error::truncated_message();
    }
    const Result<Priority> maximum = authority(phase, *slot).and_then([&](frame::Ref<Tcb> limit) {
        return checked_priority(invocation.argument(Args::mcp), *limit);
    });
    if (!maximum) {
        return std::unexpected{maximum.error()};
    }
    invocation.commit(phase);
    tcb->maximum_controlled_priority = *maximum;
    return Done{};
}

Outcome set_sched_params(const frame::Phase& phase, const Invocation& invocation, frame::Ref<Tcb> tcb) {
    using Args = abi::args::tcb_set_sched_params;
    const std::optional<frame::SlotRef> slot = invocation.extra_cap(Args::caps::authority);
    if (invocation.length() < Args::length || !slot) {
        return error::truncated_message();
    }
    const Result<frame::Ref<Tcb>> limit = authority(phase, *slot);
    if (!limit) {
        return std::unexpected{limit.error()};
    }
    const Result<Priority> maximum = checked_priority(invocation.argument(Args::mcp), **limit);
    if (!maximum) {
        return std::unexpected{maximum.error()};
    }
    const Result<Priority> priority = checked_priority(invocation.argument(Args::priority), **limit);
    if (!priority) {
        return std::unexpected{priority.error()};
    }
    invocation.commit(phase);
    tcb->maximum_controlled_priority = *maximum;
    scheduler(phase).set_priority(phase, tcb, *priority);
    return Done{};
}

Outcome set_flags(const frame::Phase& phase, const Invocation& invocation, frame::Ref<Tcb> tcb) {
    using Args = abi::args::tcb_set_flags;
    if (invocation.length() < Args::length) {
        return error::truncated_message();
    }
    const std::uint64_t old_flags = tcb->fpu_disabled ? abi::tcb_flag::fpu_disabled : 0;
    const std::uint64_t flags =
        (old_flags & ~invocation.argument(Args::clear)) | (invocation.argument(Args::set) & abi::tcb_flag::mask);
    invocation.commit(phase);
    tcb->fpu_disabled = (flags & abi::tcb_flag::fpu_disabled) != 0;
    frame::Core& core = frame::this_core(phase);
    if (tcb->fpu_disabled) {
        core.release_fpu(tcb);
    } else if (core.is_current(tcb)) {
        core.give_fpu(tcb);
    }
    invocation.set_result(phase, 0, flags);
    return Done{.results = 1};
}

}  // namespace kernel
