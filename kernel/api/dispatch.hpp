// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "kernel/api/invocation.hpp"

namespace kernel {

/// Decodes and performs an invocation: by the kind of the invoked capability, then by the label. Ends the phase.
[[nodiscard]] Outcome dispatch(frame::Phase&& phase, const Invocation& invocation);

}  // namespace kernel
