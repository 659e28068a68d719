// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <string_view>

#include "kernel/object/tcb.hpp"

namespace kernel {

/// Stops a thread: it leaves whatever it waits for and runs no more until `resume` (seL4 manual, TCB Suspend).
void suspend(const frame::Phase& phase, frame::Ref<Tcb> tcb);

/// Lets a thread that is stopped or blocked run; it repeats the system call that it was blocked in (TCB Resume).
void resume(const frame::Phase& phase, frame::Ref<Tcb> tcb);

/// Detaches a thread from everything, because its last capability goes away.
void retire_thread(const frame::Phase& phase, frame::Ref<Tcb> tcb);

/// Makes a TCB that was just carved known to the system.
void register_thread(const frame::Phase& phase, frame::Ref<Tcb> tcb);

/// The name that DebugNameThread gave a thread; empty if none.
[[nodiscard]] std::string_view thread_name(const Tcb& tcb [[clang::lifetimebound]]);

/// Every thread there is, newest first, for people who debug.
class ThreadList {
public:
    constexpr explicit ThreadList(const frame::Birth&) {}
    ThreadList(const ThreadList&) = delete;
    ThreadList& operator=(const ThreadList&) = delete;

    frame::AllThreads threads;
};

}  // namespace kernel
