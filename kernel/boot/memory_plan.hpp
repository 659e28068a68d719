// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <optional>
#include <span>

#include <abi/abi.hpp>
#include <frame/address.hpp>
#include <frame/bits.hpp>

/// Choosing places in free memory, and cutting what is left into untyped capabilities. Only arithmetic on ranges.
namespace kernel::boot {

/// The lowest place for `bytes` in `free`, aligned to `1 << bits`.
[[nodiscard]] constexpr std::optional<frame::PhysicalAddress> lowest_place(std::span<const frame::PhysicalRange> free,
                                                                           std::uint64_t bytes, std::uint64_t bits) {
    for (std::size_t index = 0; index < free.size(); ++index) {
        const frame::PhysicalRange range = free[index];
        const frame::PhysicalAddress start = range.start.aligned_up(bits);
        if (start >= range.start && start <= range.end && bytes <= range.end.value() - start.value()) {
            return start;
        }
    }
    return std::nullopt;
}

/// The highest place for `bytes` in `free`, aligned to `1 << bits`.
[[nodiscard]] constexpr std::optional<frame::PhysicalAddress> highest_place(std::span<const frame::PhysicalRange> free,
                                                                            std::uint64_t bytes, std::uint64_t bits) {
    for (std::size_t index = free.size(); index > 0; --index) {
        const frame::PhysicalRange range = free[index - 1];
        if (bytes > range.size()) {
            continue;
        }
        const frame::PhysicalAddress start = frame::PhysicalAddress{range.end.value() - bytes}.aligned_down(bits);
        if (start >= range.start) {
            return start;
        }
    }
    return std::nullopt;
}

/// The size of the largest range, for messages.
[[nodiscard]] constexpr std::uint64_t largest(std::span<const frame::PhysicalRange> free) {
    std::uint64_t size = 0;
    for (std::size_t index = 0; index < free.size(); ++index) {
        size = free[index].size() > size ? free[index].size() : size;
    }
    return size;
}

/// seL4 aligns untyped memory where its kernel window shows it, not where it is: the window starts at 2^64 - 2^39, so
/// physical address 2^39 is 0 there, at which the largest block may start. Blocks of up to 2^39 bytes, and so all of RAM,
/// are naturally aligned either way; larger ones, of the device memory above, lie 2^39 beside that.
inline constexpr std::uint64_t window_shift_bits = 39;

/// A power of two of bytes, aligned to its size up to 2^39: what one untyped capability covers.
struct Block {
    frame::PhysicalAddress start{};
    std::uint64_t bits = 0;

    [[nodiscard]] constexpr std::uint64_t size() const { return frame::power_of_two(bits); }
    friend constexpr bool operator==(Block, Block) = default;
};

/// Calls `visit` with the blocks that `range` consists of, in ascending order, each as large as its alignment and the
/// rest of the range allow: the order of seL4's list. Blocks too small to retype are left out.
template <class Visit>
constexpr void for_each_block(frame::PhysicalRange range, Visit&& visit) {
    std::uint64_t start = range.start.value();
    while (start < range.end.value()) {
        const auto room = static_cast<std::uint64_t>(std::bit_width(range.end.value() - start)) - 1;
        const auto alignment =
            static_cast<std::uint64_t>(std::countr_zero(start - frame::power_of_two(window_shift_bits)));
        std::uint64_t bits = room < alignment ? room : alignment;
        bits = bits < abi::size_bits::max_untyped ? bits : abi::size_bits::max_untyped;
        if (bits >= abi::size_bits::min_untyped) {
            visit(Block{frame::PhysicalAddress{start}, bits});
        }
        start += frame::power_of_two(bits);
    }
}

/// Calls `visit` with the parts of [0, end) that `taken`, ascending and disjoint, leaves.
template <class Visit>
constexpr void for_each_gap(std::span<const frame::PhysicalRange> taken, frame::PhysicalAddress end, Visit&& visit) {
    frame::PhysicalAddress start{};
    for (std::size_t index = 0; index < taken.size(); ++index) {
        const frame::PhysicalAddress gap_end = taken[index].start < end ? taken[index].start : end;
        if (start < gap_end) {
            visit(frame::PhysicalRange{start, gap_end});
        }
        start = taken[index].end;
    }
    if (start < end) {
        visit(frame::PhysicalRange{start, end});
    }
}

/// Which blocks get a capability when there may be too many: the larger first, of equal size the lower.
class BlockQuota {
public:
    /// Counts a block that wants a capability.
    constexpr void count(Block block) {
        ++counts_[block.bits];
        ++total_;
    }
    [[nodiscard]] constexpr std::uint64_t total() const { return total_; }

    /// Fixes how many capabilities there are, after all blocks were counted.
    constexpr void limit_to(std::uint64_t capabilities) {
        std::uint64_t left = capabilities;
        smallest_ = counts_.size();
        while (smallest_ > 0 && counts_[smallest_ - 1] <= left) {
            --smallest_;
            left -= counts_[smallest_];
        }
        of_next_size_ = left;
    }
    /// Whether this block gets one; asked once per block, in ascending order.
    [[nodiscard]] constexpr bool admits(Block block) {
        if (block.bits >= smallest_) {
            return true;
        }
        if (block.bits + 1 == smallest_ && of_next_size_ > 0) {
            --of_next_size_;
            return true;
        }
        return false;
    }

private:
    std::array<std::uint32_t, abi::size_bits::max_untyped + 1> counts_{};
    std::uint64_t total_ = 0;
    std::uint64_t smallest_ = 0;      ///< every block of at least this size is admitted
    std::uint64_t of_next_size_ = 0;  ///< and so many of the next smaller size
};

}  // namespace kernel::boot
