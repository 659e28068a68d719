// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:union\]
#include <cstdint>

namespace kernel {

namespace {
struct Word {
    union {
        std::uint64_t number = 0;
        bool flag;
    };
};
}

} // namespace kernel
