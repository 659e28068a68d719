// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:discard\]
#include <expected>

namespace kernel {

std::expected<int, int> attempt();
void run() {
    if (true) {
        attempt();
    }
}

} // namespace kernel
