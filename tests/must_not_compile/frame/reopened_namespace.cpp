// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:namespace\]
namespace frame {
void raw_write(unsigned long address, unsigned long value);
}

namespace kernel {
void poke() { frame::raw_write(0, 0); }
}
