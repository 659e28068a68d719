// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:uninit-member\]
#include <cstdint>

namespace kernel {

namespace {
class Entry {
public:
    explicit Entry(std::uint64_t word) : word_{word} {}

private:
    std::uint64_t word_;
    std::uint64_t mask_;
};
}

} // namespace kernel
