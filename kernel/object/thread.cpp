// SPDX-License-Identifier: GPL-2.0-only
#include "kernel/object/thread.hpp"

#include <algorithm>

#include "kernel/ipc/endpoint.hpp"
#include "kernel/sched/scheduler.hpp"

namespace kernel {

namespace {

/// A name for people who debug, as long as nobody gives another one: where the thread comes from.
[[maybe_unused]] void name_after_parent(const frame::Phase& phase, Tcb& tcb) {
    std::size_t length = 0;
    const auto append = [&tcb, &length](std::string_view text) {
        for (const char character : text) {
            if (length < Tcb::name_size - 1) {
                tcb.name[length] = character;
                ++length;
            }
        }
    };
    if (const std::optional<frame::Ref<Tcb>> parent = frame::this_core(phase).current(phase)) {
        append("child of: '");
        append(thread_name(**parent));
        append("'");
    } else {
        append("rootserver");
    }
}

}  // namespace

void suspend(const frame::Phase& phase, frame::Ref<Tcb> tcb) {
    cancel_ipc(phase, tcb);
    if (tcb->state == ThreadState::running) {
        // It was between two instructions of its own: whenever it goes on, and however, it goes on there.
        tcb->context().restart_at_next_ip();
    }
    scheduler(phase).dequeue(tcb);
    scheduler(phase).set_state(phase, tcb, ThreadState::inactive);
}

void resume(const frame::Phase& phase, frame::Ref<Tcb> tcb) {
    if (tcb->is_runnable()) {
        return;
    }
    cancel_ipc(phase, tcb);
    if (tcb->slot(phase, frame::TcbSlot::reply).is_empty()) {
        frame::insert_reply_master(phase, tcb);
    }
    scheduler(phase).set_state(phase, tcb, ThreadState::restart);
    scheduler(phase).enqueue(tcb);
    scheduler(phase).consider(phase, tcb);
}

void retire_thread(const frame::Phase& phase, frame::Ref<Tcb> tcb) {
    frame::unbind(tcb);
    suspend(phase, tcb);
    scheduler(phase).forget(phase, tcb);
    if (tcb->block.links.all_threads.is_linked()) {
        phase.state<ThreadList>().threads.remove(tcb);
    }
}

void register_thread(const frame::Phase& phase, frame::Ref<Tcb> tcb) {
    tcb->time_slice = abi::config::time_slice;
    tcb->domain = scheduler(phase).current_domain();
    phase.state<ThreadList>().threads.push_front(tcb);
    if constexpr (abi::config::debug_build) {
        name_after_parent(phase, *tcb);
    }
}

std::string_view thread_name(const Tcb& tcb) {
    const std::string_view all{tcb.name};
    return all.substr(0, all.find('\0'));
}

}  // namespace kernel
