// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <optional>

#include <frame/mark.hpp>
#include <frame/slot.hpp>
#include "kernel/object/tcb.hpp"

/// Which way through the kernel was taken, and why not the fast one: for `antimono run --stats`, in kernels that were built
/// for it (frame::has_marks). In others nothing of this exists.
namespace kernel {

/// What a mark says. tools/antimono/stats.py reads this list: the comment is what people see, a name begins with its path.
enum class Taken : std::uint8_t {
    call_fast = 1,              ///< fast
    call_nothing_there,         ///< the address leads nowhere
    call_not_endpoint,          ///< not an endpoint: an invocation of another object
    call_no_right,              ///< no right to send there, or to be answered
    call_capabilities,          ///< capabilities in the message
    call_fault_pending,         ///< the caller's own fault comes first
    call_no_receiver,           ///< no receiver waits
    call_other_domain,          ///< the receiver is in another domain
    call_less_important,        ///< a thread of higher priority than the receiver is ready
    call_unexplained,           ///< for no known reason
    reply_recv_fast,            ///< fast, an answer to a call
    reply_recv_fast_fault,      ///< fast, an answer to a fault
    reply_recv_nothing_there,   ///< the address leads nowhere
    reply_recv_not_endpoint,    ///< not an endpoint, or no right to receive there
    reply_recv_capabilities,    ///< capabilities in the message
    reply_recv_senders,         ///< a sender waits already
    reply_recv_notification,    ///< the bound notification has a signal
    reply_recv_nobody,          ///< nobody to answer
    reply_recv_other_domain,    ///< who is answered is in another domain
    reply_recv_less_important,  ///< a thread of higher priority than who is answered is ready
    reply_recv_fault_pending,   ///< the server's own fault is what it replies with
    reply_recv_fault_label,     ///< the answer to a fault has a label
    reply_recv_unexplained,     ///< for no known reason
    signal_fast,                ///< fast
    signal_nothing_there,       ///< the address leads nowhere
    signal_not_notification,    ///< not a notification: a message to an endpoint, or an invocation
    signal_no_right,            ///< no right to signal
    signal_capabilities,        ///< capabilities in the message
    signal_unexplained,         ///< for no known reason
    fault_fast,                 ///< fast
    fault_no_handler,           ///< no endpoint to deliver it to
    fault_decided,              ///< the kernel had decided already who runs next
    fault_no_receiver,          ///< no handler waits
    fault_other_domain,         ///< the handler is in another domain
    fault_less_important,       ///< a thread of higher priority than the handler is ready
    fault_unexplained,          ///< for no known reason
};

/// After the fast way was refused, before anything has changed: marks the reason.
void explain_call(const frame::Phase& phase, frame::Ref<Tcb> caller, const std::optional<frame::SlotRef>& slot,
                  std::uint64_t message_info);
void explain_reply_and_receive(const frame::Phase& phase, frame::Ref<Tcb> server, std::uint64_t address,
                               std::uint64_t message_info);
void explain_signal(const std::optional<frame::SlotRef>& slot, std::uint64_t message_info);
void explain_fault(const frame::Phase& phase, frame::Ref<Tcb> tcb, const frame::EndpointCap& handler);

}  // namespace kernel
