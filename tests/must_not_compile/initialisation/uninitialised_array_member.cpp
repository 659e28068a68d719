// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:uninit-member\]
#include <array>

namespace kernel {

namespace {
class Table {
public:
    Table() {}

private:
    std::array<int, 4> entries_;
};
}

} // namespace kernel
