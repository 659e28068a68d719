// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "kernel/api/invocation.hpp"

namespace kernel {

/// The operations on thread control blocks (seL4 manual, 6 and TCB methods).
[[nodiscard]] Outcome invoke_tcb(frame::Phase&& phase, const Invocation& invocation);

/// TCB ReadRegisters, WriteRegisters, CopyRegisters and SetTLSBase.
[[nodiscard]] Outcome read_registers(const frame::Phase& phase, const Invocation& invocation, frame::Ref<Tcb> tcb);
[[nodiscard]] Outcome write_registers(const frame::Phase& phase, const Invocation& invocation, frame::Ref<Tcb> tcb);
[[nodiscard]] Outcome copy_registers(const frame::Phase& phase, const Invocation& invocation, frame::Ref<Tcb> tcb);
[[nodiscard]] Outcome set_tls_base(const frame::Phase& phase, const Invocation& invocation, frame::Ref<Tcb> tcb);

/// TCB SetPriority, SetMCPriority, SetSchedParams and SetFlags.
[[nodiscard]] Outcome set_priority(const frame::Phase& phase, const Invocation& invocation, frame::Ref<Tcb> tcb);
[[nodiscard]] Outcome set_mc_priority(const frame::Phase& phase, const Invocation& invocation, frame::Ref<Tcb> tcb);
[[nodiscard]] Outcome set_sched_params(const frame::Phase& phase, const Invocation& invocation, frame::Ref<Tcb> tcb);
[[nodiscard]] Outcome set_flags(const frame::Phase& phase, const Invocation& invocation, frame::Ref<Tcb> tcb);

/// TCB Configure, SetSpace and SetIPCBuffer: they delete what the thread had, so they end the phase.
[[nodiscard]] Outcome configure(frame::Phase&& phase, const Invocation& invocation);
[[nodiscard]] Outcome set_space(frame::Phase&& phase, const Invocation& invocation);
[[nodiscard]] Outcome set_ipc_buffer(frame::Phase&& phase, const Invocation& invocation);

}  // namespace kernel
