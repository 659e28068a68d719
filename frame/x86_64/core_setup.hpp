// SPDX-License-Identifier: GPL-2.0-only
#pragma once

namespace frame::x86_64 {

/// Sets the control registers, page attributes and system call registers of this core as user programs and the stubs
/// expect them.
void set_up_core();

}  // namespace frame::x86_64
