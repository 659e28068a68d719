// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:assume\]
namespace kernel {

int choose(int word) {
    [[assume(word > 3)]];
    return word;
}

} // namespace kernel
