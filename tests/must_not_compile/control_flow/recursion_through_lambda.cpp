// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:recursion\]
namespace kernel {

int depth(int word) {
    const auto next = [word] { return depth(word - 1); };
    return word == 0 ? 0 : next();
}

} // namespace kernel
