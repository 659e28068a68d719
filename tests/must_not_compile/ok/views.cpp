// SPDX-License-Identifier: GPL-2.0-only
// Views that stay within what they refer to: passed, returned by their source, re-seated to something that lives longer,
// bundled in a view class, captured by a lambda that does not escape.
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>

#include <frame/handles.hpp>

namespace kernel {
namespace {

using Words = std::span<const std::uint64_t>;

Words longer(Words left [[clang::lifetimebound]], Words right [[clang::lifetimebound]]) {
    Words result = left;
    if (right.size() > left.size()) {
        result = right;
    }
    return result;
}

std::uint64_t walk(frame::Entry& entry, std::uint64_t steps) {
    std::optional<frame::Ref<frame::Object>> object = entry.current();
    for (std::uint64_t step = 0; object && step < steps; ++step) {
        (*object)->grow();
        const auto next = entry.lookup(step);
        object = next ? std::optional(*next) : std::nullopt;
    }
    return object ? (*object)->size() : 0;
}

class [[gsl::Pointer]] Cursor {
public:
    explicit Cursor(Words words [[clang::lifetimebound]]) : words_{words} {}
    std::uint64_t next() { return words_[position_++]; }
    Words rest() const [[clang::lifetimebound]] { return words_.subspan(position_); }

private:
    Words words_;
    std::size_t position_ = 0;
};

std::uint64_t sum(Words words) {
    Cursor cursor(words);
    std::uint64_t total = 0;
    const auto add = [&total, &cursor] { total += cursor.next(); };
    add();
    add();
    return total + cursor.rest().size();
}

std::uint64_t use() {
    const std::array<std::uint64_t, 4> table{1, 2, 3, 4};
    const Words both = longer(table, Words(table).first(2));
    return sum(both);
}

frame::Phase renewed(frame::Phase phase, bool finish) {
    if (finish) {
        std::move(phase).finish();
        phase = frame::Phase{};
    }
    return phase;
}

} // namespace
} // namespace kernel
