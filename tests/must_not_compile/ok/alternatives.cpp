// SPDX-License-Identifier: GPL-2.0-only
// Contents of optionals and variants: referenced where nothing can change them, copied out where something could.
#include <cstdint>
#include <expected>
#include <optional>
#include <utility>
#include <variant>

#include <frame/handles.hpp>

namespace kernel {
namespace {

struct Pair {
    std::uint64_t left = 0;
    std::uint64_t right = 0;

    std::uint64_t sum() const { return left + right; }
    void swap_words() { left = std::exchange(right, left); }
};

std::expected<Pair, bool> make(std::uint64_t word) {
    if (word == 0) {
        return std::unexpected(false);
    }
    return Pair{.left = word, .right = 1};
}

// Never assigned: as good as const, and its contents may change in place.
std::uint64_t local_that_keeps_its_state(std::uint64_t word) {
    std::expected<Pair, bool> pair = make(word);
    if (!pair) {
        return 0;
    }
    pair->swap_words();
    const Pair& inside = *pair;
    return inside.sum();
}

struct Holder {
    std::optional<Pair> pair{};

    std::uint64_t read() const {
        if (!pair) {
            return 0;
        }
        const Pair copy = *pair;
        return copy.sum() + pair->left;
    }
    void write(std::uint64_t word) {
        pair = Pair{.left = word, .right = word};
        pair->right += 1;
    }
};

std::uint64_t read(const frame::Description& description) {
    const std::uint64_t& inside = *description.word;
    return inside;
}

std::uint64_t visit(std::variant<Pair, std::uint64_t> message) {
    const auto fixed = message;
    message = std::uint64_t{3};
    return std::visit(
        [](const auto& content) -> std::uint64_t {
            if constexpr (requires { content.sum(); }) {
                return content.sum();
            } else {
                return content;
            }
        },
        fixed);
}

} // namespace
} // namespace kernel
