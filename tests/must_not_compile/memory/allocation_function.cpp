// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:new\]
#include <cstddef>

namespace kernel {

namespace {
struct Object {
    static void* operator new(std::size_t bytes, int where);
};
}

} // namespace kernel
