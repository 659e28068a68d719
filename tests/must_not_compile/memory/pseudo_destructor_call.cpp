// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:destructor-call\]
namespace kernel {

namespace {
template <typename T> void end(T& object) { object.~T(); }
}
void use(int& word) { end(word); }

} // namespace kernel
