// SPDX-License-Identifier: GPL-2.0-only
#pragma once

namespace frame::x86_64 {

/// Moves the two 8259 interrupt controllers' vectors out of the exceptions' way, to 32 to 47, and masks all their inputs.
/// Even a masked 8259 may deliver a spurious interrupt (Intel 8259A, "Interrupt sequence").
void mask_legacy_pics();

}  // namespace frame::x86_64
