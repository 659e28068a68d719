// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:lifetime\]
#include <array>

namespace kernel {

const int& largest(std::array<int, 2> words, const int& limit [[clang::lifetimebound]]) {
    return words[0] > limit ? words[0] : limit;
}

} // namespace kernel
