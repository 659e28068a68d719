// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <frame/cap/ipc.hpp>
#include "kernel/object/notification.hpp"
#include "kernel/object/tcb.hpp"

namespace kernel {

/// Signals a notification with a badge: wakes the first waiter, or the bound thread if it waits to receive, or leaves the
/// badge for later (seL4 manual, 5.2).
void signal(const frame::Phase& phase, frame::Ref<Notification> notification, frame::Badge badge);

/// `tcb` waits for a signal; without `blocking` it gets badge 0 if there is none (seL4 manual, 5.2).
void wait(const frame::Phase& phase, frame::Ref<Tcb> tcb, frame::Ref<Notification> notification, bool blocking);

/// Gives `tcb` the badges that an active notification holds, and makes it idle.
void take_signal(frame::Ref<Tcb> tcb, frame::Ref<Notification> notification);

/// Makes every thread that waits for a notification that goes away repeat its system call.
void cancel_all(const frame::Phase& phase, frame::Ref<Notification> notification);

/// Undoes the binding of a notification to a thread, if there is one.
void unbind_if_bound(const frame::Phase& phase, frame::Ref<Notification> notification);

}  // namespace kernel
