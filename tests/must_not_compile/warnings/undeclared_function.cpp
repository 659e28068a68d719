// SPDX-License-Identifier: GPL-2.0-only
// expect: implicit|undeclared
// needs: warnings
// baseline: none - it is no C++ either; the language is part of the subset
namespace kernel {
int use() { return missing(); }
}
