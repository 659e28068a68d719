// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:raw-pointer\]
#include <span>

namespace kernel {

namespace {
template <typename T> unsigned long read(T words, unsigned long first = *T{}.data()) { return first + words.size(); }
}
unsigned long use(std::span<const unsigned long> words) { return read(words); }

} // namespace kernel
