// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:namespace\]
int kernel_helper();
