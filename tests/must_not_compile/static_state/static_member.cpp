// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:global\]
namespace kernel {

namespace {
struct Counter {
    static inline int value = 0;
};
}
int count() { return ++Counter::value; }

} // namespace kernel
