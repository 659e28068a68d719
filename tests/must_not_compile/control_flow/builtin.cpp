// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:builtin\]
namespace kernel {

int choose(int word) {
    if (word > 3) {
        __builtin_unreachable();
    }
    return word;
}

} // namespace kernel
