// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "kernel/api/error.hpp"
#include "kernel/object/tcb.hpp"

namespace kernel {

/// Tells a thread that called why its invocation was refused (seL4 manual, 10.1).
void reply_error(const frame::Phase& phase, frame::Ref<Tcb> caller, const SyscallError& error);

/// Tells a thread that called that its invocation succeeded, with the result words that it left.
void reply_success(const frame::Phase& phase, frame::Ref<Tcb> caller, const Done& done);

}  // namespace kernel
