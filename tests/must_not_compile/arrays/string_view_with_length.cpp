// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:view-construction\]
// baseline: none - a constant evaluation finds it too
#include <string_view>

namespace kernel {

char read() {
    constexpr std::string_view name("endpoint", 100);
    return name[50];
}

} // namespace kernel
