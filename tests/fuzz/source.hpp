// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace test {

/// The fuzzer's bytes as decisions. When they are used up every decision is 0. A byte counts by its place as well, so that
/// the runs of zeros that fuzzers like decide about as much as anything else.
class Source {
public:
    explicit Source(std::span<const std::uint8_t> bytes) : bytes_{bytes} {}

    [[nodiscard]] bool is_empty() const { return at_ >= bytes_.size(); }
    std::uint8_t byte() {
        if (is_empty()) {
            return 0;
        }
        const std::uint64_t spread = (std::uint64_t{at_} + 1) * 0x9e37'79b9'7f4a'7c15;
        return static_cast<std::uint8_t>(bytes_[at_++] ^ (spread >> 56));
    }
    /// Below `count`, at most 256; 0 if there is nothing to choose from.
    std::size_t below(std::size_t count) { return count == 0 ? 0 : byte() % count; }
    /// True in about `percent` of all cases.
    bool chance(unsigned percent) { return byte() * 100U < percent * 256U; }
    std::uint64_t word() {
        std::uint64_t value = 0;
        for (unsigned shift = 0; shift < 64; shift += 8) {
            value |= std::uint64_t{byte()} << shift;
        }
        return value;
    }
    /// A number as edges have it: small, a power of two, one beside it, or anything.
    std::uint64_t edge() {
        const std::uint8_t kind = byte();
        switch (kind % 4) {
        case 0:
            return kind / 4;
        case 1:
            return std::uint64_t{1} << (kind / 4);
        case 2:
            return (std::uint64_t{1} << (kind / 4)) - 1;
        default:
            return word();
        }
    }

private:
    std::span<const std::uint8_t> bytes_;
    std::size_t at_ = 0;
};

}  // namespace test
