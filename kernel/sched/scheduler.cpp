// SPDX-License-Identifier: GPL-2.0-only
#include "kernel/sched/scheduler.hpp"

#include "kernel/cap/preemption.hpp"

namespace kernel {

void Scheduler::set_state(const frame::Phase& phase, frame::Ref<Tcb> tcb, ThreadState state) {
    tcb->state = state;
    if (decision_ == Decision::resume && !tcb->is_runnable() && frame::this_core(phase).is_current(tcb)) {
        decision_ = Decision::choose;
    }
}

void Scheduler::consider(const frame::Phase& phase, frame::Ref<Tcb> tcb) {
    if (tcb->domain != current_domain()) {
        enqueue(tcb);
    } else if (decision_ != Decision::resume) {
        // More than one thread is worth a switch: let the queues decide.
        require_reschedule(phase);
        enqueue(tcb);
    } else {
        decision_ = Decision::consider;
        frame::this_core(phase).set_candidate(tcb);
    }
}

void Scheduler::require_reschedule(const frame::Phase& phase) {
    if (decision_ == Decision::consider) {
        frame::Core& core = frame::this_core(phase);
        if (const std::optional<frame::Ref<Tcb>> candidate = core.candidate(phase)) {
            enqueue(*candidate);
        }
        core.clear_candidate();
    }
    decision_ = Decision::choose;
}

void Scheduler::enqueue(frame::Ref<Tcb> tcb) {
    if (tcb->block.links.ready.is_linked()) {
        return;
    }
    DomainQueues& domain = queues_of(*tcb);
    domain.queues[tcb->priority].push_front(tcb);
    domain.mark(tcb->priority);
}

void Scheduler::enqueue_one_of_many(frame::Ref<Tcb> tcb) {
    frame::ReadyQueue& queue = queues_of(*tcb).queues[tcb->priority];
    if (queue.is_empty()) {
        enqueue(tcb);
    } else {
        queue.push_front(tcb);
    }
}

void Scheduler::append(frame::Ref<Tcb> tcb) {
    if (tcb->block.links.ready.is_linked()) {
        return;
    }
    DomainQueues& domain = queues_of(*tcb);
    domain.queues[tcb->priority].push_back(tcb);
    domain.mark(tcb->priority);
}

void Scheduler::leave_queue(frame::Ref<Tcb> tcb) {
    DomainQueues& domain = queues_of(*tcb);
    frame::ReadyQueue& queue = domain.queues[tcb->priority];
    queue.remove(tcb);
    if (queue.is_empty()) {
        domain.unmark(tcb->priority);
    }
}

void Scheduler::switch_to(const frame::Phase& phase, frame::Ref<Tcb> tcb) {
    load_space(phase, tcb);
    if (tcb->fpu_disabled) [[unlikely]] {
        frame::this_core(phase).deny_fpu();
    } else {
        frame::this_core(phase).give_fpu(tcb);
    }
    frame::this_core(phase).switch_to(tcb);
    dequeue(tcb);
}

void Scheduler::choose(const frame::Phase& phase) {
    if (domains_.is_turn_over()) {
        // The next domain must not see this one's FPU state, nor pay for saving it.
        frame::this_core(phase).save_fpu();
        phase.state<WorkUnits>().reset();
        domains_.advance();
    }
    DomainQueues& domain = queues_[current_domain()];
    if (const std::optional<Priority> priority = domain.highest()) {
        switch_to(phase, domain.queues[*priority].front(phase).value());
    } else {
        if constexpr (abi::config::benchmark_track_utilisation) {
            phase.state<Utilisation>().note_switch(phase, std::nullopt);
        }
        activate_kernel_vspace(phase);
        frame::this_core(phase).switch_to_idle();
    }
}

void Scheduler::decide(const frame::Phase& phase) {
    frame::Core& core = frame::this_core(phase);
    const std::optional<frame::Ref<Tcb>> current = core.current(phase);
    const bool was_runnable = current.has_value() && (*current)->is_runnable();
    if (was_runnable) {
        enqueue(*current);
    }
    const std::optional<frame::Ref<Tcb>> candidate =
        decision_ == Decision::consider ? core.candidate(phase) : std::nullopt;
    core.clear_candidate();
    if (!candidate) {
        choose(phase);
        return;
    }
    const Priority priority = (*candidate)->priority;
    if (!current.has_value() || priority < (*current)->priority) {
        // Something between the two may be ready.
        const std::optional<Priority> best = queues_[current_domain()].highest();
        if (best.has_value() && *best > priority) {
            enqueue(*candidate);
            choose(phase);
            return;
        }
    } else if (was_runnable && priority == (*current)->priority) {
        // Equals take turns: the running thread, enqueued at the front, goes on.
        append(*candidate);
        choose(phase);
        return;
    }
    switch_to(phase, *candidate);
}

void Scheduler::get_going(Tcb& tcb) {
    if (tcb.state == ThreadState::restart) {
        tcb.context().resume_at_fault_ip();
        tcb.state = ThreadState::running;
    }
}

void Scheduler::finish_entry(const frame::Phase& phase) {
    if (decision_ != Decision::resume) {
        decide(phase);
        decision_ = Decision::resume;
    }
    if (const std::optional<frame::Ref<Tcb>> current = frame::this_core(phase).current(phase)) {
        get_going(**current);
    }
}

void Scheduler::tick(const frame::Phase& phase) {
    const std::optional<frame::Ref<Tcb>> current = frame::this_core(phase).current(phase);
    if (current.has_value() && (*current)->state == ThreadState::running) {
        Tcb& tcb = **current;
        if (tcb.time_slice > 1) {
            --tcb.time_slice;
        } else {
            tcb.time_slice = abi::config::time_slice;
            append(*current);
            require_reschedule(phase);
        }
    }
    if (domains_.tick()) {
        require_reschedule(phase);
    }
}

void Scheduler::yield(const frame::Phase& phase, frame::Ref<Tcb> tcb) {
    DomainQueues& ready = queues_of(*tcb);
    if constexpr (abi::config::num_domains > 1) {
        // A better thread may have been brought into this domain, which was no reason to look for one to run (set_domain).
        if (ready.has_above(tcb->priority)) {
            append(tcb);
            require_reschedule(phase);
            finish_entry(phase);
            return;
        }
    } else {
        frame::verify(!ready.has_above(tcb->priority), "a thread ran although a better one was ready");
    }
    frame::ReadyQueue& equals = ready.queues[tcb->priority];
    if (!equals.is_empty()) {
        const frame::Ref<Tcb> next = equals.take_turns(phase, tcb);
        hand_over(phase, next);
        get_going(*next);
    }
}

void Scheduler::set_priority(const frame::Phase& phase, frame::Ref<Tcb> tcb, Priority priority) {
    dequeue(tcb);
    tcb->priority = priority;
    if (!tcb->is_runnable()) {
        return;
    }
    if (frame::this_core(phase).is_current(tcb)) {
        require_reschedule(phase);
    } else {
        consider(phase, tcb);
    }
}

void Scheduler::set_domain(const frame::Phase& phase, frame::Ref<Tcb> tcb, Domain domain) {
    if (domain != current_domain()) {
        frame::this_core(phase).release_fpu(tcb);
    }
    dequeue(tcb);
    tcb->domain = domain;
    if (tcb->is_runnable()) {
        enqueue(tcb);
    }
    if (frame::this_core(phase).is_current(tcb)) {
        require_reschedule(phase);
    }
}

void Scheduler::start_with(const frame::Phase& phase, frame::Ref<Tcb> tcb) {
    domains_.begin();
    tcb->state = ThreadState::running;
    switch_to(phase, tcb);
    decision_ = Decision::resume;
}

void Scheduler::forget(const frame::Phase& phase, frame::Ref<Tcb> tcb) {
    frame::Core& core = frame::this_core(phase);
    const std::optional<frame::Ref<Tcb>> candidate = core.candidate(phase);
    const bool was_candidate = candidate.has_value() && *candidate == tcb;
    if (was_candidate || (decision_ == Decision::resume && core.is_current(tcb))) [[unlikely]] {
        decision_ = Decision::choose;
    }
    dequeue(tcb);
    core.forget(tcb);
}

std::optional<frame::Ref<Tcb>> Scheduler::first_ready(const frame::Phase& phase, Domain domain,
                                                      Priority priority) const {
    return queues_[domain].queues[priority].front(phase);
}

}  // namespace kernel
