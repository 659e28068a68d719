// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <compare>
#include <cstdint>

#include <frame/bits.hpp>

namespace frame {

/// A byte address in the space that `Space` names. Addresses of different spaces do not mix, and none can be
/// dereferenced: turning one into memory is the frame's work.
template <class Space>
class Address {
public:
    constexpr Address() = default;
    constexpr explicit Address(std::uint64_t value) : value_{value} {}

    [[nodiscard]] constexpr std::uint64_t value() const { return value_; }
    [[nodiscard]] constexpr bool is_aligned(std::uint64_t bits) const { return frame::is_aligned(value_, bits); }
    [[nodiscard]] constexpr Address aligned_down(std::uint64_t bits) const { return Address{align_down(value_, bits)}; }
    [[nodiscard]] constexpr Address aligned_up(std::uint64_t bits) const { return Address{align_up(value_, bits)}; }
    /// The address `bytes` further; wraps like the hardware's adder.
    [[nodiscard]] constexpr Address plus(std::uint64_t bytes) const { return Address{value_ + bytes}; }

    friend constexpr auto operator<=>(Address, Address) = default;
    friend constexpr bool operator==(Address, Address) = default;

private:
    std::uint64_t value_ = 0;
};

/// An address on the memory bus (Intel SDM vol. 3A, 3.3).
using PhysicalAddress = Address<struct PhysicalSpace>;
/// An address that a user program named; nothing about it has been checked.
using UserAddress = Address<struct UserSpace>;
/// An address in the kernel's half, for messages only.
using KernelAddress = Address<struct KernelSpace>;

/// A half-open range of physical memory, [start, end).
struct PhysicalRange {
    PhysicalAddress start{};
    PhysicalAddress end{};

    [[nodiscard]] constexpr std::uint64_t size() const { return end.value() - start.value(); }
    [[nodiscard]] constexpr bool is_empty() const { return end.value() <= start.value(); }
    [[nodiscard]] constexpr bool contains(PhysicalAddress address) const { return start <= address && address < end; }
    [[nodiscard]] constexpr bool overlaps(PhysicalRange other) const { return start < other.end && other.start < end; }
    friend constexpr bool operator==(PhysicalRange, PhysicalRange) = default;
};

}  // namespace frame
