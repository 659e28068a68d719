// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:uninit\]
#include <cstdint>

namespace kernel {

namespace {
struct Inner {
    std::uint64_t word;
};
struct Entry {
    Inner inner;
    std::uint64_t mask = 0;
};
}
std::uint64_t use() {
    Entry entry;
    return entry.inner.word;
}

} // namespace kernel
