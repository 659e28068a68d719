// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:function-pointer\]
namespace kernel {

namespace {
int twice(int value) { return value * 2; }
template <typename Function> int apply(Function& function, int value) { return function(value); }
}
int use() { return apply(twice, 4); }

} // namespace kernel
