// SPDX-License-Identifier: GPL-2.0-only
#pragma once

namespace frame::host {

/// Remembers the whole modelled machine: memory, what lives in it, the kernel's own state, devices, MMU and processor.
void checkpoint();
/// Sets everything back to the last checkpoint, much quicker than a boot.
void restore();

}  // namespace frame::host
