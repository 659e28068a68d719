// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:cast\]
namespace kernel {

namespace {
template <typename T>
concept Punnable = requires(T& word) { reinterpret_cast<unsigned&>(word); };
}
static_assert(Punnable<unsigned long>);

} // namespace kernel
