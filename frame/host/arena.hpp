// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>

#include <frame/address.hpp>

namespace frame::host {

/// The memory of the modelled machine: physical addresses [0, size), mapped where the kernel window is. What no object
/// lives in is poisoned for AddressSanitizer, and a shadow records the type of what lives in every 16 bytes, so that a
/// stale or mistyped reference stops the process at once.
class Arena {
public:
    /// Maps `size` bytes of empty memory, a multiple of the page size. Once per process.
    static void create(std::uint64_t size);
    [[nodiscard]] static std::uint64_t size();

    /// What a user program would find in memory, for tests that play one. The word must be in a live frame.
    [[nodiscard]] static std::uint64_t read_user(PhysicalAddress address);
    static void write_user(PhysicalAddress address, std::uint64_t word);
};

}  // namespace frame::host
