// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:function-pointer\]
namespace kernel {

void act();
void call(bool twice) {
    void (*const chosen)() = act;
    if (twice) {
        chosen();
    }
}

} // namespace kernel
