// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:view-assign\]
#include <span>

namespace kernel {

namespace {
class [[gsl::Pointer]] Cursor {
public:
    explicit Cursor(std::span<const int> words [[clang::lifetimebound]]) : words_{words} {}
    void advance(std::span<const int> words) { words_ = words; }

private:
    std::span<const int> words_;
};
}

} // namespace kernel
