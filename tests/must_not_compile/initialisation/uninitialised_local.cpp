// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:uninit\]
namespace kernel {

int choose(bool flag) {
    int value;
    if (flag) {
        value = 3;
    } else {
        value = 4;
    }
    return value;
}

} // namespace kernel
