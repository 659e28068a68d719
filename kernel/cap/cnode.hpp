// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "kernel/api/invocation.hpp"

namespace kernel {

/// Whether a label names a CNode operation.
[[nodiscard]] bool is_cnode_label(abi::InvocationLabel label);

/// The operations on CNode slots (seL4 manual, 3.1.2 and CNode methods).
[[nodiscard]] Outcome invoke_cnode(frame::Phase&& phase, const Invocation& invocation);

}  // namespace kernel
