// SPDX-License-Identifier: GPL-2.0-only
// expect: typeid requires -frtti
// needs: warnings
// baseline: -frtti
#include <typeinfo>

namespace kernel {
bool same(int left, long right) { return typeid(left) == typeid(right); }
}
