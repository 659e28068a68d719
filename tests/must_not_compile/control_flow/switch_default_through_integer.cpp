// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:switch-default\]
#include <utility>

namespace kernel {

namespace {
enum class Kind { endpoint, notification, thread };
}
int size(Kind kind) {
    switch (std::to_underlying(kind)) {
    case 0:
        return 4;
    default:
        return 5;
    }
}

} // namespace kernel
