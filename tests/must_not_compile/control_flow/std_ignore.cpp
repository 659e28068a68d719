// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:std-name\]
#include <tuple>

namespace kernel {

[[nodiscard]] bool attempt();
void run() { std::ignore = attempt(); }

} // namespace kernel
