// SPDX-License-Identifier: GPL-2.0-only
// expect: -Wreturn-type
// needs: warnings
namespace kernel {
int choose(bool flag) {
    if (flag) {
        return 3;
    }
}
}
