// SPDX-License-Identifier: GPL-2.0-only
// expect: -Wfunction-effects
// needs: warnings
namespace kernel {
int wait();
int fast() [[clang::nonblocking]] { return wait(); }
}
