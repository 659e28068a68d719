// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:lifetime\]
namespace kernel {

auto counter(const int& start [[clang::lifetimebound]]) {
    int local = start;
    return [&local] { return local; };
}

} // namespace kernel
