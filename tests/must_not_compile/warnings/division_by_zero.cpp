// SPDX-License-Identifier: GPL-2.0-only
// expect: -Wdivision-by-zero
// needs: warnings
namespace kernel {
unsigned divide(unsigned word) { return word / 0; }
}
