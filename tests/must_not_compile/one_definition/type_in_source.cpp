// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:one-definition\]
namespace kernel {

struct Entry {
    int word = 0;
};

} // namespace kernel
