// SPDX-License-Identifier: GPL-2.0-only
#pragma once

namespace frame {

/// Writes back and empties all caches of the processor (Intel SDM vol. 2, WBINVD). Takes long.
void flush_caches();

}  // namespace frame
