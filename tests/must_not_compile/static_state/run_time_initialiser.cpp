// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:global\]
namespace kernel {

int measure();
namespace {
const int start = measure();
}
int get() { return start; }

} // namespace kernel
