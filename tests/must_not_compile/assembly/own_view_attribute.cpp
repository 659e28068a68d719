// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:attribute\]
namespace kernel {

namespace {
class [[gsl::Owner(int)]] Holder {};
}

} // namespace kernel
