// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:view-construction\]
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace kernel {

namespace {
struct Range {
    std::array<std::uint64_t, 4> words{};
    auto begin() const [[clang::lifetimebound]] { return words.begin(); }
    auto end() const [[clang::lifetimebound]] { return words.end(); }
    std::size_t size() const { return 1000; }
};
}
std::uint64_t read(const Range& range) {
    const std::span<const std::uint64_t> all(range);
    return all[500];
}

} // namespace kernel
