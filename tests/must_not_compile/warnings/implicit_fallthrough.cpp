// SPDX-License-Identifier: GPL-2.0-only
// expect: -Wimplicit-fallthrough
// needs: warnings
namespace kernel {
int choose(int word) {
    int result = 0;
    switch (word) {
    case 1:
        result = 2;
    case 2:
        return result;
    default:
        return 3;
    }
}
}
