// SPDX-License-Identifier: GPL-2.0-only
#include "kernel/sched/domain.hpp"

#include "kernel/sched/scheduler.hpp"

namespace kernel {

namespace {

constexpr std::uint64_t domains = abi::config::num_domains;

Outcome set_domain(const frame::Phase& phase, const Invocation& invocation) {
    using Args = abi::args::domain_set_set;
    if (invocation.length() < Args::length) {
        return error::truncated_message();
    }
    const std::uint64_t domain = invocation.argument(Args::domain);
    if (domain >= domains) {
        return error::invalid_argument(Args::domain);
    }
    const std::optional<frame::SlotRef> slot = invocation.extra_cap(Args::caps::thread);
    if (!slot) {
        return error::truncated_message();
    }
    const std::optional<frame::ThreadCap> thread = slot->capability().as<frame::ThreadCap>();
    if (!thread) {
        return error::invalid_argument(1);
    }
    invocation.commit(phase);
    scheduler(phase).set_domain(phase, thread->tcb(phase), static_cast<Domain>(domain));
    return Done{};
}

Outcome configure_schedule(const frame::Phase& phase, const Invocation& invocation) {
    using Args = abi::args::domain_schedule_configure;
    if (invocation.length() < Args::length) {
        return error::truncated_message();
    }
    const std::uint64_t index = invocation.argument(Args::index);
    const std::uint64_t domain = invocation.argument(Args::domain);
    const std::uint64_t duration = invocation.argument(Args::duration);
    // The last entry always marks the end.
    if (index >= DomainSchedule::length - 1) {
        return error::range(0, DomainSchedule::length - 2);
    }
    if (domain >= domains) {
        return error::range(0, domains - 1);
    }
    if (duration > DomainSchedule::max_duration) {
        return error::invalid_argument(Args::duration);
    }
    if (duration == 0 && domain != 0) {
        return error::invalid_argument(Args::domain);
    }
    DomainSchedule& schedule = scheduler(phase).domains();
    if (duration == 0 && index == schedule.start()) {
        return error::invalid_argument(Args::duration);
    }
    invocation.commit(phase);
    schedule.set(index, DomainSchedule::Stretch{.domain = static_cast<Domain>(domain), .duration = duration});
    return Done{};
}

Outcome set_schedule_start(const frame::Phase& phase, const Invocation& invocation) {
    using Args = abi::args::domain_schedule_set_start;
    if (invocation.length() < Args::length) {
        return error::truncated_message();
    }
    const std::uint64_t index = invocation.argument(Args::index);
    if (index >= DomainSchedule::length) {
        return error::range(0, DomainSchedule::length - 1);
    }
    DomainSchedule& schedule = scheduler(phase).domains();
    if (schedule.at(index).is_end()) {
        return error::invalid_argument(Args::index);
    }
    invocation.commit(phase);
    schedule.restart_at(index);
    scheduler(phase).require_reschedule(phase);
    return Done{};
}

}  // namespace

Outcome invoke_domain(const frame::Phase& phase, const Invocation& invocation) {
    const std::optional<abi::InvocationLabel> label = invocation.label();
    if (label == abi::InvocationLabel::DomainSetSet) {
        return set_domain(phase, invocation);
    }
    if (label == abi::InvocationLabel::DomainScheduleConfigure) {
        return configure_schedule(phase, invocation);
    }
    if (label == abi::InvocationLabel::DomainScheduleSetStart) {
        return set_schedule_start(phase, invocation);
    }
    return error::illegal_operation();
}

}  // namespace kernel
