// SPDX-License-Identifier: GPL-2.0-only
// expect: -W(sometimes-)?uninitialized
// needs: warnings
namespace kernel {
int choose(bool flag) {
    int word;
    if (flag) {
        word = 3;
    }
    return word;
}
}
