// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "kernel/api/invocation.hpp"

/// One function per kind of paging capability: decodes the invocation, then performs it.
namespace kernel {

/// X86 Page: Map, Unmap, GetAddress.
[[nodiscard]] Outcome invoke_frame(const frame::Phase& phase, const Invocation& invocation);
/// X86 PageTable: Map, Unmap.
[[nodiscard]] Outcome invoke_page_table(const frame::Phase& phase, const Invocation& invocation);
/// X86 PageDirectory: Map, Unmap.
[[nodiscard]] Outcome invoke_page_directory(const frame::Phase& phase, const Invocation& invocation);
/// X86 PDPT: Map, Unmap.
[[nodiscard]] Outcome invoke_pdpt(const frame::Phase& phase, const Invocation& invocation);
/// X86 ASIDControl: MakePool. Ends the phase: memory becomes a pool.
[[nodiscard]] Outcome invoke_asid_control(frame::Phase&& phase, const Invocation& invocation);
/// X86 ASIDPool: Assign.
[[nodiscard]] Outcome invoke_asid_pool(const frame::Phase& phase, const Invocation& invocation);

}  // namespace kernel
