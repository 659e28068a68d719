// SPDX-License-Identifier: GPL-2.0-only
// expect: -Wshift-count-overflow
// needs: warnings
namespace kernel {
unsigned shift(unsigned word) { return word << 40; }
}
