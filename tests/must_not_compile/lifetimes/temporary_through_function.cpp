// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:lifetime\]
namespace kernel {

const int& same(const int& word [[clang::lifetimebound]]) { return word; }
int use() {
    const int& word = same(3 + 1);
    return word;
}

} // namespace kernel
