// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:namespace\]
namespace {
constexpr int value = 3;
}
static_assert(value == 3);
