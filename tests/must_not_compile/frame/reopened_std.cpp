// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:namespace\]
namespace std {
int kernel_helper();
}
