// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:std-name\]
#include <utility>

namespace kernel {

int choose(int word) { return word > 0 ? word : (std::unreachable(), 0); }

} // namespace kernel
