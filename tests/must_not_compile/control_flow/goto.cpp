// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:goto\]
namespace kernel {

int spin(int turns) {
again:
    if (turns-- > 0) {
        goto again;
    }
    return turns;
}

} // namespace kernel
