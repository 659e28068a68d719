// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "frame/boot/boot_error.hpp"

namespace frame::x86_64 {

/// Enables the FPU's register sets that the configuration names, and leaves FPU instructions faulting (#NM) until a
/// thread is given the FPU. Fails if the processor lacks a component or its state does not fit the configured size.
[[nodiscard]] boot::Result<void> start_fpu();

}  // namespace frame::x86_64
