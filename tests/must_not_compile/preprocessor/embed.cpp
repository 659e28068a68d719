// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:include\]
#include <array>
#include <cstdint>

namespace kernel {
namespace {
constexpr std::array<std::uint8_t, 3> data{
#embed "embed.cpp" limit(3)
};
}
static_assert(data.size() == 3);
}
