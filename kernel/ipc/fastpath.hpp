// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>

#include <frame/cap/ipc.hpp>
#include "kernel/object/tcb.hpp"

/// Short ways through the kernel for what systems do most. Each first finds out whether its case is the common one, and
/// changes nothing until it knows; then it does exactly what the ordinary way would, the decision at the end of the entry
/// included. If a function returns false, nothing happened, and the ordinary way has to be taken.
namespace kernel {

/// Call on the capability in `slot`: a short message, without capabilities, to a thread that waits to receive and runs next.
[[nodiscard]] bool call_fast(const frame::Phase& phase, frame::Ref<Tcb> caller, frame::SlotRef slot,
                             std::uint64_t message_info);

/// ReplyRecv: a short message, without capabilities, or the answer to a fault, to the caller, who runs next while the
/// server waits at an endpoint where nobody sends.
[[nodiscard]] bool reply_and_receive_fast(const frame::Phase& phase, frame::Ref<Tcb> server,
                                          std::uint64_t message_info);

/// Send or NBSend without capabilities on the notification capability in `slot`. The scheduler has the rest to do.
[[nodiscard]] bool signal_fast(const frame::Phase& phase, frame::SlotRef slot, std::uint64_t message_info);

/// The delivery of a fault, which `tcb` already notes, to a handler that waits and runs next.
[[nodiscard]] bool deliver_fault_fast(const frame::Phase& phase, frame::Ref<Tcb> tcb,
                                      const frame::EndpointCap& handler);

}  // namespace kernel
