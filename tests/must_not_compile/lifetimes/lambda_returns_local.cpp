// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:lifetime\]
namespace kernel {

int use() {
    const auto make = [](int start) -> const int& {
        const int local = start;
        return local;
    };
    return make(3);
}

} // namespace kernel
