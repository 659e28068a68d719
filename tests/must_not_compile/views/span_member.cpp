// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:stored-view\]
#include <span>

namespace kernel {

namespace {
struct Holder {
    std::span<const int> words{};
};
}

} // namespace kernel
