// SPDX-License-Identifier: GPL-2.0-only
#pragma once

namespace frame {

/// Stops the machine for good: interrupts off, the processor halted.
[[noreturn]] void halt();

}  // namespace frame
