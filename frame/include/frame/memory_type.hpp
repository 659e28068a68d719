// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>

#include <abi/abi.hpp>

namespace frame {

/// How the processor caches accesses through an entry: three bits that select one of eight types in the page attribute
/// table (Intel SDM vol. 3A, 12.12). seL4 calls them VM attributes (seL4 manual, 7.1.3). Tables have only the first two.
struct MemoryType {
    bool write_through = false;   ///< PWT
    bool cache_disabled = false;  ///< PCD
    bool pat = false;             ///< PAT

    /// From an invocation's attribute word; its other bits mean nothing.
    [[nodiscard]] static constexpr MemoryType from_word(std::uint64_t word) {
        return MemoryType{.write_through = (word & abi::vm_attributes::write_through_bit) != 0,
                          .cache_disabled = (word & abi::vm_attributes::cache_disabled_bit) != 0,
                          .pat = (word & abi::vm_attributes::pat_bit) != 0};
    }
    friend constexpr bool operator==(MemoryType, MemoryType) = default;
};

}  // namespace frame
