// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:lifetime\]
#include <array>
#include <span>

namespace kernel {

namespace {
struct [[gsl::Pointer]] Cursor {
    std::span<const int> words;
    int position = 0;
};
}
Cursor make(std::span<const int> words [[clang::lifetimebound]]) {
    const std::array<int, 4> local{1, 2, 3, 4};
    return Cursor{words.empty() ? std::span<const int>(local) : words, 0};
}

} // namespace kernel
