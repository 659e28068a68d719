// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "kernel/api/invocation.hpp"

namespace kernel {

/// CNode Rotate: moves the source capability to the pivot slot and the pivot capability to `destination`; the source may
/// be the destination, then the two swap (seL4 manual, CNode Rotate).
[[nodiscard]] Outcome rotate(const frame::Phase& phase, const Invocation& invocation, frame::SlotRef destination);

}  // namespace kernel
