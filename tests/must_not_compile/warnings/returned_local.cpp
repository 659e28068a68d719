// SPDX-License-Identifier: GPL-2.0-only
// expect: -Wreturn-stack-address
// needs: warnings
namespace kernel {
const int& local(const int& unused [[clang::lifetimebound]]) {
    int word = unused;
    return word;
}
}
