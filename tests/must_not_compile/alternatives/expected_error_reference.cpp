// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:alternative-reference\]
#include <expected>

namespace kernel {

int use(std::expected<int, long>& result) {
    const long& error = result.error();
    result = 3;
    return static_cast<int>(error);
}

} // namespace kernel
