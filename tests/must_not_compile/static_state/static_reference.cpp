// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:stored-view\]
namespace kernel {

int remember(int& word) {
    static int& kept = word;
    return kept;
}

} // namespace kernel
