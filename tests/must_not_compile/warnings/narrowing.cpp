// SPDX-License-Identifier: GPL-2.0-only
// expect: -Wimplicit-int-conversion
// needs: warnings
namespace kernel {
unsigned char low_byte(unsigned long word) { return word; }
}
