// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include <frame/address.hpp>

#include "frame/boot/byte_reader.hpp"

namespace frame::boot {

/// A run of physical memory and the bytes behind it.
struct MemoryPart {
    PhysicalAddress start{};
    std::span<const std::byte> bytes{};
};

/// Physical memory as the readers of boot information see it: a few parts, and nothing else exists. On the machine one
/// part, the mapped beginning of the kernel window; in tests whatever the test laid out.
class PhysicalMemory {
public:
    constexpr explicit PhysicalMemory(std::span<const MemoryPart> parts) : parts_{parts} {}

    /// The `size` bytes at `address`, if all of them exist.
    [[nodiscard]] constexpr std::optional<ByteReader> read(PhysicalAddress address, std::uint64_t size) const {
        const auto rest = from(address);
        return rest ? rest->part(0, size) : std::nullopt;
    }

    /// The NUL-terminated text at `address`, cut at `longest` characters; empty if nothing exists there.
    [[nodiscard]] std::string_view text(PhysicalAddress address, std::uint64_t longest) const {
        const auto rest = from(address);
        if (!rest) {
            return {};
        }
        const auto part = rest->part(0, rest->size() < longest ? rest->size() : longest);
        return part ? part->text(0) : std::string_view{};
    }

private:
    [[nodiscard]] constexpr std::optional<ByteReader> from(PhysicalAddress address) const {
        for (const MemoryPart& part : parts_) {
            if (address >= part.start && address.value() - part.start.value() < part.bytes.size()) {
                return ByteReader{part.bytes}.from(address.value() - part.start.value());
            }
        }
        return std::nullopt;
    }

    std::span<const MemoryPart> parts_;
};

}  // namespace frame::boot
