// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:switch-default\]
namespace kernel {

namespace {
enum class Kind { endpoint, notification, thread };
}
int size(Kind kind) {
    switch (kind) {
    case Kind::endpoint:
        return 4;
    default:
        return 5;
    }
}

} // namespace kernel
