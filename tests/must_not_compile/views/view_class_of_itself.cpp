// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:lifetime\]
#include <array>
#include <span>

namespace kernel {

namespace {
class [[gsl::Pointer]] Buffer {
public:
    Buffer() : view_{words_} {}

private:
    std::array<int, 4> words_{};
    std::span<const int> view_;
};
}

} // namespace kernel
