// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:exception\]
// baseline: -fexceptions
namespace kernel {

void act();
void guard() {
    try {
        act();
    } catch (...) {
    }
}

} // namespace kernel
