// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <array>
#include <cstddef>
#include <span>

namespace frame {

/// Up to `capacity` values, stored in place. Indices are checked.
template <typename T, std::size_t max_size>
class BoundedList {
public:
    /// Appends a copy; false if the list is full, and then nothing changes.
    [[nodiscard]] constexpr bool add(const T& value) {
        if (size_ == max_size) {
            return false;
        }
        values_[size_] = value;
        ++size_;
        return true;
    }

    [[nodiscard]] static constexpr std::size_t capacity() { return max_size; }
    [[nodiscard]] constexpr std::size_t size() const { return size_; }
    [[nodiscard]] constexpr bool is_empty() const { return size_ == 0; }
    constexpr void clear() { size_ = 0; }
    /// Forgets all values from `size` on.
    constexpr void truncate(std::size_t size) { size_ = size < size_ ? size : size_; }

    [[nodiscard]] constexpr std::span<const T> items() const [[clang::lifetimebound]] {
        return std::span{values_}.first(size_);
    }
    [[nodiscard]] constexpr std::span<T> items() [[clang::lifetimebound]] { return std::span{values_}.first(size_); }
    [[nodiscard]] constexpr const T& operator[](std::size_t index) const [[clang::lifetimebound]] {
        return items()[index];
    }
    [[nodiscard]] constexpr T& operator[](std::size_t index) [[clang::lifetimebound]] { return items()[index]; }

    [[nodiscard]] constexpr auto begin() const [[clang::lifetimebound]] { return items().begin(); }
    [[nodiscard]] constexpr auto end() const [[clang::lifetimebound]] { return items().end(); }

private:
    std::array<T, max_size> values_{};
    std::size_t size_ = 0;
};

}  // namespace frame
