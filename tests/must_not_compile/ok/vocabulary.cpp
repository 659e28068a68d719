// SPDX-License-Identifier: GPL-2.0-only
// Ordinary kernel code: strong types, checked sequences, errors as values.
#include <algorithm>
#include <array>
#include <bit>
#include <compare>
#include <concepts>
#include <cstdint>
#include <expected>
#include <limits>
#include <optional>
#include <ranges>
#include <span>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>

#include <frame/handles.hpp>

namespace kernel {
namespace {

enum class CapType : std::uint8_t { null, endpoint, notification };
enum class Failure { none, range, truncated };

class Badge {
public:
    constexpr Badge() = default;
    constexpr explicit Badge(std::uint64_t word) : word_(word) {}
    constexpr std::uint64_t word() const { return word_; }
    constexpr auto operator<=>(const Badge&) const = default;

private:
    std::uint64_t word_ = 0;
};

struct Guard {
    std::uint64_t value = 0;
    std::uint8_t bits = 0;
};

template <typename T>
concept Word = std::unsigned_integral<T> && sizeof(T) == 8;

template <Word T> constexpr T round_up(T value, unsigned bits) {
    const T mask = (T{1} << bits) - 1;
    return (value + mask) & ~mask;
}

constexpr std::array<std::uint8_t, 3> sizes{0, 4, 5};
constexpr std::string_view name = "endpoint";

constexpr std::uint8_t size_of(CapType type) {
    switch (type) {
    case CapType::null:
        return sizes[0];
    case CapType::endpoint:
        return sizes[1];
    case CapType::notification:
        return sizes[2];
    }
}

constexpr std::optional<CapType> decode(std::uint64_t word) {
    switch (word & 0xf) {
    case 0:
        return CapType::null;
    case 1:
        return CapType::endpoint;
    case 2:
        return CapType::notification;
    default:
        return std::nullopt;
    }
}

std::expected<std::uint64_t, Failure> sum(std::span<const std::uint64_t> words, std::size_t count) {
    if (count > words.size()) {
        return std::unexpected(Failure::truncated);
    }
    std::uint64_t total = 0;
    for (const std::uint64_t word : words.first(count)) {
        if (word > std::numeric_limits<std::uint64_t>::max() - total) {
            return std::unexpected(Failure::range);
        }
        total += word;
    }
    return total;
}

class Table {
public:
    Badge& operator[](std::size_t index) [[clang::lifetimebound]] { return entries_[index]; }
    const Badge& operator[](std::size_t index) const [[clang::lifetimebound]] { return entries_[index]; }
    std::span<const Badge> all() const [[clang::lifetimebound]] { return entries_; }
    void clear() { entries_.fill(Badge{}); }

    template <typename Visitor> void for_each(Visitor&& visit) const {
        for (const Badge& entry : entries_) {
            visit(entry);
        }
    }

private:
    std::array<Badge, 16> entries_{};
};

const Badge& largest(const Table& table [[clang::lifetimebound]]) {
    std::size_t best = 0;
    for (const std::size_t index : std::views::iota(std::size_t{0}, table.all().size())) {
        if (table[index] > table[best]) {
            best = index;
        }
    }
    return table[best];
}

std::uint64_t total(const Table& table) {
    std::uint64_t result = 0;
    table.for_each([&result](const Badge& badge) { result += badge.word(); });
    table.for_each([&](const auto& badge) { result ^= badge.word(); });
    return result;
}

using Message = std::variant<Guard, Badge>;

std::uint64_t weigh(const Message& message) {
    const Message copy = message;
    return std::visit(
        [](const auto& content) -> std::uint64_t {
            if constexpr (std::is_same_v<std::decay_t<decltype(content)>, Guard>) {
                return content.value;
            } else {
                return content.word();
            }
        },
        copy);
}

std::uint64_t use(frame::Entry& entry, std::uint64_t word) {
    const std::optional<CapType> type = decode(word);
    if (!type) {
        return 0;
    }
    const auto object = entry.lookup(word);
    if (!object) {
        return object.error() == frame::Error::range ? 1 : 2;
    }
    (*object)->grow();
    const frame::Ref<frame::Object> current = entry.current();
    const auto& [guard, flag] = std::tuple(Guard{.value = 1, .bits = 2}, true);
    const std::uint64_t bits = flag ? guard.bits : std::numeric_limits<std::uint8_t>::max();
    const Badge badge{round_up(bits, 4)};
    return current->size() + size_of(*type) + badge.word() + std::min(word, badge.word());
}

class Registry {
public:
    bool add(Badge badge) {
        if (last_) {
            return false;
        }
        last_ = badge;
        return true;
    }
    Badge last() const { return last_.value_or(Badge{}); }

private:
    std::optional<Badge> last_{};
    frame::Link link_{};
};

static_assert(name.size() == 8);
static_assert(decode(1) == CapType::endpoint);

} // namespace
} // namespace kernel
