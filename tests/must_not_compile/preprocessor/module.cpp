// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:module\]
// baseline: -xc++-module
export module antimono;

export namespace kernel {
int use();
}
