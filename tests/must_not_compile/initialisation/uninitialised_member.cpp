// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:uninit-member\]
#include <cstdint>

namespace kernel {

namespace {
class Entry {
public:
    Entry() = default;

private:
    std::uint64_t word_;
};
}

} // namespace kernel
