// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:global\]
namespace kernel {

namespace {
int counter = 0;
}
int count() { return ++counter; }

} // namespace kernel
