// SPDX-License-Identifier: GPL-2.0-only
#include "kernel/debug/dump.hpp"

#include <frame/console.hpp>
#include "kernel/object/thread.hpp"

namespace kernel {

namespace {

void print_state(frame::Console& console, ThreadState state) {
    switch (state) {
    case ThreadState::inactive:
        console.print("inactive");
        return;
    case ThreadState::running:
        console.print("running");
        return;
    case ThreadState::restart:
        console.print("restart");
        return;
    case ThreadState::blocked_on_receive:
        console.print("blocked on recv");
        return;
    case ThreadState::blocked_on_send:
        console.print("blocked on send");
        return;
    case ThreadState::blocked_on_reply:
        console.print("blocked on reply");
        return;
    case ThreadState::blocked_on_notification:
        console.print("blocked on ntfn");
        return;
    }
}

}  // namespace

void dump_threads(const frame::Phase& phase) {
    frame::Console& console = frame::console(phase);
    console.print("Dumping all tcbs!\nName\tState\tIP\tPrio\n--------------------------------------\n");
    const frame::AllThreads& threads = phase.state<ThreadList>().threads;
    for (std::optional<frame::Ref<Tcb>> tcb = threads.front(phase); tcb.has_value(); tcb = threads.after(phase, *tcb)) {
        console.print(thread_name(**tcb), "\t");
        print_state(console, (*tcb)->state);
        console.print("\t", frame::hex((*tcb)->context().get<frame::Register::fault_ip>()), "\t",
                      std::uint64_t{(*tcb)->priority}, "\n");
    }
}

}  // namespace kernel
