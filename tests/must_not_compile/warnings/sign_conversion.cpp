// SPDX-License-Identifier: GPL-2.0-only
// expect: -Wsign-conversion
// needs: warnings
namespace kernel {
unsigned long widen(int word) { return word; }
}
