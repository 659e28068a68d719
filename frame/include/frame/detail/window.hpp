// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstddef>
#include <cstdint>

#include <frame/address.hpp>

/// The kernel window: all physical memory that the kernel may touch, mapped linearly. Inside the frame only; the
/// safety gate refuses every name of `frame::detail` outside it.
namespace frame::detail {

#ifdef FRAME_HOST
/// Where the host process maps the arena that plays physical memory: inside AddressSanitizer's application range.
inline constexpr std::uint64_t window_base = 0x2000'0000'0000;
#else
/// Start of the top 512 GiB of the canonical address space; the boot code maps physical memory linearly from here.
inline constexpr std::uint64_t window_base = 0xffff'ff80'0000'0000;
#endif
/// Bytes of the window: 512 GiB less the top 2 GiB, where the kernel image and device mappings live.
inline constexpr std::uint64_t window_size = (std::uint64_t{512} << 30) - (std::uint64_t{2} << 30);

/// Distance from the start of the window. Objects in the kernel image lie outside donated memory, behind what the window
/// shows.
[[nodiscard]] inline std::uint64_t offset_of(const void* pointer) {
    // SAFETY: pointer to integer only.
    return reinterpret_cast<std::uint64_t>(pointer) - window_base;
}

/// The typed pointer behind an address. Every call site states why an object of type T lives there.
template <class T>
[[nodiscard]] inline T* object_at(std::uint64_t address) {
    // SAFETY: callers pass addresses of live objects of type T only; each states why. `window_address` is the inverse.
    return reinterpret_cast<T*>(address);
}
/// The same for a window offset, of which `offset_of` is the inverse.
template <class T>
[[nodiscard]] inline T* pointer_at(std::uint64_t offset) {
    return object_at<T>(window_base + offset);
}
[[nodiscard]] inline std::uint64_t window_address(const void* pointer) { return window_base + offset_of(pointer); }

[[nodiscard]] inline std::byte* bytes_at(PhysicalAddress address) {
    // SAFETY: byte access may alias anything; callers bound the range to memory that the window maps.
    return reinterpret_cast<std::byte*>(window_base + address.value());
}

}  // namespace frame::detail
