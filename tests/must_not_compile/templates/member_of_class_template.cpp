// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:index\]
#include <span>

namespace kernel {

namespace {
template <typename T> struct Table {
    unsigned long read(const T& words) const { return words.data()[3]; }
};
}
unsigned long use(std::span<const unsigned long> words) { return Table<std::span<const unsigned long>>{}.read(words); }

} // namespace kernel
