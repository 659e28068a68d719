// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:one-definition\]
namespace kernel {

int defined_elsewhere(int word);
int use() { return defined_elsewhere(3); }

} // namespace kernel
