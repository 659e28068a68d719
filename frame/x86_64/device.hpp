// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>

#include <frame/address.hpp>
#include <frame/check.hpp>

#include "frame/x86_64/kernel_window.hpp"

namespace frame::x86_64 {

/// A page of device registers in the kernel's half. Registers are 32 bits wide; offsets are checked.
class DevicePage {
public:
    constexpr DevicePage() = default;

    /// Maps the page that contains `address`; registers are then named by their offset from `address`.
    [[nodiscard]] static DevicePage map(PhysicalAddress address) {
        const std::uint64_t offset = address.value() % page_size;
        const std::uint64_t mapped = map_device(address.aligned_down(12));
        check(mapped != 0, "no room for another page of device registers");
        return DevicePage{mapped + offset};
    }

    [[nodiscard]] constexpr bool is_mapped() const { return base_ != 0; }

    // SAFETY: register_at checks the offset; what the device does with an access is its driver's business.
    [[nodiscard]] std::uint32_t read32(std::uint32_t offset) const { return *register_at(offset); }
    void write32(std::uint32_t offset, std::uint32_t value) const { *register_at(offset) = value; }

private:
    constexpr explicit DevicePage(std::uint64_t base) : base_{base} {}

    [[nodiscard]] volatile std::uint32_t* register_at(std::uint32_t offset) const {
        check(base_ != 0 && offset % 4 == 0 && base_ % page_size + offset < page_size, "no such device register");
        // SAFETY: an aligned address within the page that map_device mapped, uncached, and that nothing else uses.
        // Volatile: each access reaches the device, once, in program order.
        return reinterpret_cast<volatile std::uint32_t*>(base_ + offset);
    }

    std::uint64_t base_ = 0;
};

}  // namespace frame::x86_64
