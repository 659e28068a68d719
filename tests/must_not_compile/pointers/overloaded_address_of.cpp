// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:address-of\]
#include <cstdint>

namespace kernel {

namespace {
struct Object {
    int operator&() const { return 3; }
};
}

} // namespace kernel
