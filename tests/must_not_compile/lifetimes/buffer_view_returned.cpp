// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:lifetime\]
#include <array>
#include <span>

namespace kernel {

namespace {
struct Buffer {
    std::array<int, 4> words{};
    std::span<const int> view() const [[clang::lifetimebound]] { return words; }
};
}
std::span<const int> make(const int& unused [[clang::lifetimebound]]) {
    const Buffer buffer{};
    return buffer.view();
}

} // namespace kernel
