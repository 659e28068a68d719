// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:raw-pointer\]
#include <span>

namespace kernel {

unsigned long use(std::span<const unsigned long> words) {
    const auto read = [](auto range) { return *range.data(); };
    return read(words);
}

} // namespace kernel
