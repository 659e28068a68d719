// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:destructor-call\]
namespace kernel {

namespace {
struct Guard {
    ~Guard() {}
};
}
void end(Guard& guard) { guard.~Guard(); }

} // namespace kernel
