// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:lifetime\]
#include <array>
#include <span>

namespace kernel {

int use(std::array<int, 2> words) {
    const auto view = [words]() -> std::span<const int> { return words; };
    return view()[0];
}

} // namespace kernel
