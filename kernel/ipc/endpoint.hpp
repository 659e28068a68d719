// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <frame/cap/ipc.hpp>
#include "kernel/object/endpoint.hpp"
#include "kernel/object/notification.hpp"
#include "kernel/object/tcb.hpp"

namespace kernel {

/// How a thread sends through an endpoint.
struct Sending {
    frame::Badge badge = frame::no_badge;
    bool blocking = false;     ///< waits for a receiver; otherwise the message is dropped if there is none
    bool call = false;         ///< awaits a reply
    bool grant = false;        ///< may pass capabilities on
    bool grant_reply = false;  ///< may give the receiver a reply capability
};

/// How a thread receives from an endpoint.
struct Receiving {
    bool blocking = false;  ///< waits for a sender; otherwise it gets badge 0 if there is none
    bool grant = false;     ///< replies to what it receives may carry capabilities
};

/// `sender` sends its message, or its fault, through `endpoint` (seL4 manual, 4.2).
void send(const frame::Phase& phase, frame::Ref<Tcb> sender, frame::Ref<Endpoint> endpoint, const Sending& how);

/// `receiver` receives from `endpoint`, or from the notification bound to it if that is active (seL4 manual, 4.2 and 5.3).
void receive(const frame::Phase& phase, frame::Ref<Tcb> receiver, frame::Ref<Endpoint> endpoint, const Receiving& how);

/// Answers the thread that the reply capability in `slot` stands for, and consumes the capability (seL4 manual, 4.2.4).
void reply(const frame::Phase& phase, frame::Ref<Tcb> sender, frame::SlotRef slot, const frame::ReplyCap& cap);

/// Takes a thread out of whatever it waits for, leaving it inactive; a thread that awaits a reply will get none.
void cancel_ipc(const frame::Phase& phase, frame::Ref<Tcb> tcb);

/// Makes every thread that waits at an endpoint that goes away repeat its system call.
void cancel_all(const frame::Phase& phase, frame::Ref<Endpoint> endpoint);

/// Makes every thread that sends with `badge` repeat its system call (seL4 manual, CNode CancelBadgedSends).
void cancel_badged(const frame::Phase& phase, frame::Ref<Endpoint> endpoint, frame::Badge badge);

}  // namespace kernel
