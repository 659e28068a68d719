// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:global\]
namespace kernel {

int count() {
    static int counter = 0;
    return ++counter;
}

} // namespace kernel
