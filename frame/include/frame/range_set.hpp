// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>

#include <frame/address.hpp>

namespace frame {

/// A set of physical addresses as up to `max_ranges` ranges, in ascending order, disjoint and not touching.
template <std::size_t max_ranges>
class RangeSet {
public:
    [[nodiscard]] constexpr std::span<const PhysicalRange> ranges() const [[clang::lifetimebound]] {
        return std::span{ranges_}.first(count_);
    }

    constexpr void clear() { count_ = 0; }

    /// Whether all of `range` is in the set. An empty range is.
    [[nodiscard]] constexpr bool contains(PhysicalRange range) const {
        return range.is_empty() || std::ranges::any_of(ranges(), [&](PhysicalRange own) {
                   return own.start <= range.start && range.end <= own.end;
               });
    }
    /// Whether any address of `range` is in the set.
    [[nodiscard]] constexpr bool overlaps(PhysicalRange range) const {
        return !range.is_empty() &&
               std::ranges::any_of(ranges(), [&](PhysicalRange own) { return own.overlaps(range); });
    }

    /// Adds `range`. False, with the set unchanged, if that takes more ranges than there is room for.
    [[nodiscard]] constexpr bool insert(PhysicalRange range) {
        if (range.is_empty()) {
            return true;
        }
        // Ranges [from, to) overlap or touch the new one and are replaced by their union with it.
        const std::size_t from = first_where([&](PhysicalRange own) { return own.end >= range.start; });
        const std::size_t to = first_where([&](PhysicalRange own) { return own.start > range.end; });
        if (from == to) {
            return open_gap(from, range);
        }
        ranges_[from] =
            PhysicalRange{std::min(ranges_[from].start, range.start), std::max(ranges_[to - 1].end, range.end)};
        close_gap(from + 1, to);
        return true;
    }

    /// Takes every address of `range` out. False, with the set unchanged, if that takes more ranges than there is room for.
    [[nodiscard]] constexpr bool erase(PhysicalRange range) {
        if (range.is_empty()) {
            return true;
        }
        const std::size_t from = first_where([&](PhysicalRange own) { return own.end > range.start; });
        const std::size_t to = first_where([&](PhysicalRange own) { return own.start >= range.end; });
        if (from >= to) {
            return true;
        }
        const PhysicalRange below{ranges_[from].start, std::min(ranges_[from].end, range.start)};
        const PhysicalRange above{std::max(ranges_[to - 1].start, range.end), ranges_[to - 1].end};
        const std::size_t left = (below.is_empty() ? 0U : 1U) + (above.is_empty() ? 0U : 1U);
        if (left > to - from) {
            if (!open_gap(to, above)) {
                return false;
            }
            ranges_[from] = below;
            return true;
        }
        if (!below.is_empty()) {
            ranges_[from] = below;
        }
        if (!above.is_empty()) {
            ranges_[from + left - 1] = above;
        }
        close_gap(from + left, to);
        return true;
    }

private:
    template <class Predicate>
    [[nodiscard]] constexpr std::size_t first_where(Predicate predicate) const {
        std::size_t index = 0;
        while (index < count_ && !predicate(ranges_[index])) {
            ++index;
        }
        return index;
    }
    [[nodiscard]] constexpr bool open_gap(std::size_t at, PhysicalRange range) {
        if (count_ == max_ranges) {
            return false;
        }
        for (std::size_t index = count_; index > at; --index) {
            ranges_[index] = ranges_[index - 1];
        }
        ranges_[at] = range;
        ++count_;
        return true;
    }
    constexpr void close_gap(std::size_t from, std::size_t to) {
        for (; to < count_; ++from, ++to) {
            ranges_[from] = ranges_[to];
        }
        count_ = from;
    }

    std::array<PhysicalRange, max_ranges> ranges_{};
    std::size_t count_ = 0;
};

}  // namespace frame
