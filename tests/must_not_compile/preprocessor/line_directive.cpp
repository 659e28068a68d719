// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:line-marker\]
#line 3 "frame/core/slot.cpp"

namespace kernel {
int use();
}
