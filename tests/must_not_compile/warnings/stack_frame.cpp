// SPDX-License-Identifier: GPL-2.0-only
// expect: -Wframe-larger-than
// needs: warnings codegen
#include <array>

namespace kernel {
namespace {
[[gnu::noinline]] int touch(std::array<int, 1024>& table, unsigned long index) { return ++table[index]; }
}
int use(unsigned long index) {
    std::array<int, 1024> table{};
    return touch(table, index) + touch(table, index + 1);
}
}
