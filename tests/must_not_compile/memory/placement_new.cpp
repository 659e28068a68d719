// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:new\]
#include <cstdint>
#include <new>

namespace kernel {

namespace {
struct Object {
    std::uint64_t word = 0;
};
}
void renew(Object& object) { new (&object) Object{}; }

} // namespace kernel
