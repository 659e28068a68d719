// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "kernel/api/invocation.hpp"

namespace kernel {

/// Untyped Retype: makes objects from an untyped capability's memory (seL4 manual, 2.4 and Untyped Retype).
[[nodiscard]] Outcome invoke_untyped(frame::Phase&& phase, const Invocation& invocation);

}  // namespace kernel
