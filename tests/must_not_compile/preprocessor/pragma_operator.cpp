// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:pragma\]
_Pragma("GCC optimize(\"-O0\")")
namespace kernel {
int use();
}
