// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:virtual\]
namespace kernel {

namespace {
struct Object {};
struct Thread : virtual Object {};
}

} // namespace kernel
