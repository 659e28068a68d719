// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:function-pointer\]
namespace kernel {

int use() {
    const auto convert = +[](int value) { return value; };
    return convert(3);
}

} // namespace kernel
