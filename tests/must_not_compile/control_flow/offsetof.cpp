// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:builtin\]
namespace kernel {

namespace {
struct Entry {
    int first = 0;
    int second = 0;
};
}
unsigned long offset() { return __builtin_offsetof(Entry, second); }

} // namespace kernel
