// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:c-array\]
namespace kernel {

int first(int count) {
    int table[count];
    table[0] = 1;
    return table[0];
}

} // namespace kernel
