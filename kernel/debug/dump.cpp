// SPDX-License-Identifier: GPL-2.0-only
#include "kernel/debug/dump.hpp"

#include <frame/console.hpp>
#include "kernel/object/thread.hpp"

namespace kernel {

std::string_view state_name(ThreadState state) {
    switch (state) {
    case ThreadState::inactive:
        return "inactive";
    case ThreadState::running:
        return "running";
    case ThreadState::restart:
        return "restart";
    case ThreadState::blocked_on_receive:
        return "blocked on recv";
    case ThreadState::blocked_on_send:
        return "blocked on send";
    case ThreadState::blocked_on_reply:
        return "blocked on reply";
    case ThreadState::blocked_on_notification:
        return "blocked on ntfn";
    }
    return "unknown";
}

void dump_threads(const frame::Phase& phase) {
    frame::Console& console = frame::console(phase);
    console.print("Dumping all tcbs!\nName\tState\tIP\tPrio\n--------------------------------------\n");
    const frame::AllThreads& threads = phase.state<ThreadList>().threads;
    for (std::optional<frame::Ref<Tcb>> tcb = threads.front(phase); tcb.has_value();
         tcb = threads.after(phase, *tcb)) {
        console.print(thread_name(**tcb), "\t", state_name((*tcb)->state), "\t",
                      frame::hex((*tcb)->context().get<frame::Register::fault_ip>()), "\t",
                      std::uint64_t{(*tcb)->priority}, "\n");
    }
}

}  // namespace kernel
