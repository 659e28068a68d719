// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:c-array\]
namespace kernel {

int element(unsigned index) {
    const int table[4] = {1, 2, 3, 4};
    return table[index];
}

} // namespace kernel
