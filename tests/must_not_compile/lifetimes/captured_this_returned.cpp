// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:lifetime\]
namespace kernel {

namespace {
struct Counter {
    int value = 0;
    auto later() {
        return [this] { return value; };
    }
};
}

} // namespace kernel
