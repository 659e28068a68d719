// SPDX-License-Identifier: GPL-2.0-only
// expect: -Wshadow
// needs: warnings
namespace kernel {
int use(int word) {
    if (word > 3) {
        const int word = 4;
        return word;
    }
    return word;
}
}
