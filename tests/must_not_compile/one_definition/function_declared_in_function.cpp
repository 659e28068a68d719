// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:one-definition\]
namespace kernel {

int use() {
    int defined_elsewhere(int word);
    return defined_elsewhere(3);
}

} // namespace kernel
