// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:varargs\]
namespace kernel {

int sum(int count, ...);

} // namespace kernel
