// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:discard\]
#include <cstdint>

namespace kernel {

[[nodiscard]] int attempt();
void run() { static_cast<void>(attempt()); }

} // namespace kernel
