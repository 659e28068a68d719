// SPDX-License-Identifier: GPL-2.0-only
// expect: \[gate:alternative-reference\]
#include <cstdint>
#include <optional>

namespace kernel {

namespace {
struct Slot {
    std::optional<std::uint64_t> badge{};
    void clear() { badge.reset(); }
};
}
std::uint64_t use(Slot& slot) {
    const std::uint64_t& badge = slot.badge.value();
    slot.clear();
    return badge;
}

} // namespace kernel
