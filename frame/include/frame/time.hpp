// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>

namespace frame {

/// Ticks of the time-stamp counter. Under QEMU's `-icount shift=0` a tick is an executed instruction.
[[nodiscard]] std::uint64_t time_stamp();

}  // namespace frame
