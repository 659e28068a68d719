// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:union\]
#include <cstdint>

namespace kernel {

namespace {
union Word {
    std::uint64_t number = 0;
    bool flag;
};
}
bool flag(std::uint64_t number) {
    Word word{.number = number};
    return word.flag;
}

} // namespace kernel
