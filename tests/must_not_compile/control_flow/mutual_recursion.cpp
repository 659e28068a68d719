// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:recursion\]
namespace kernel {

namespace {
struct Tree {
    int even(int word) const { return word == 0 ? 1 : odd(word - 1); }
    int odd(int word) const { return word == 0 ? 0 : even(word - 1); }
};
}
int use(const Tree& tree) { return tree.even(4); }

} // namespace kernel
