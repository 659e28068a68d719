// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <optional>

#include <frame/cap/ipc.hpp>
#include "kernel/object/tcb.hpp"

namespace kernel {

/// Gives `receiver` what `sender` sends: its message, with capabilities if `grant` allows, or the fault that it is
/// stopped by (seL4 manual, 4.2.2 and 6.2). `endpoint` is the one that the message goes through: capabilities to it are
/// unwrapped to their badges; a reply goes through none.
void transfer(const frame::Phase& phase, frame::Ref<Tcb> sender, const std::optional<frame::Ref<Endpoint>>& endpoint,
              frame::Badge badge, bool grant, frame::Ref<Tcb> receiver);

/// Tells a thread that polled that there was nothing: badge 0.
void transfer_nothing(Tcb& receiver);

}  // namespace kernel
