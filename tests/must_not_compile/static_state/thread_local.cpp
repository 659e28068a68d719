// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:thread-local\]
namespace kernel {

int count() {
    thread_local int counter = 0;
    return ++counter;
}

} // namespace kernel
