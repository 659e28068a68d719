// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <initializer_list>
#include <map>
#include <memory>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "frame/boot/boot_error.hpp"
#include "frame/boot/boot_information.hpp"
#include "frame/boot/physical_memory.hpp"
#include "tests/support/test.hpp"

namespace boot_inputs {

/// Bytes as a loader or firmware would lay them out, little-endian.
class Bytes {
public:
    Bytes& u8(std::uint64_t value) { return number(value, 1); }
    Bytes& u16(std::uint64_t value) { return number(value, 2); }
    Bytes& u32(std::uint64_t value) { return number(value, 4); }
    Bytes& u64(std::uint64_t value) { return number(value, 8); }
    Bytes& text(std::string_view text) {
        for (const char character : text) {
            u8(static_cast<unsigned char>(character));
        }
        return *this;
    }
    Bytes& zeros(std::size_t count) {
        bytes_.resize(bytes_.size() + count);
        return *this;
    }
    Bytes& append(const Bytes& other) {
        bytes_.insert(bytes_.end(), other.bytes_.begin(), other.bytes_.end());
        return *this;
    }
    /// Zeros up to a multiple of `alignment`.
    Bytes& align(std::size_t alignment) { return zeros((alignment - size() % alignment) % alignment); }
    /// Overwrites the number of `width` bytes at `offset`.
    Bytes& set(std::size_t offset, std::uint64_t value, std::size_t width) {
        for (std::size_t index = 0; index < width; ++index) {
            bytes_.at(offset + index) = std::byte(value >> (8 * index));
        }
        return *this;
    }
    /// Makes the sum of [start, end) zero by changing the byte at `offset`.
    Bytes& fix_sum(std::size_t offset, std::size_t start, std::size_t end) {
        bytes_.at(offset) = std::byte{0};
        unsigned sum = 0;
        for (std::size_t index = start; index < end; ++index) {
            sum += std::to_integer<unsigned>(bytes_.at(index));
        }
        bytes_.at(offset) = std::byte(0x100 - sum % 0x100);
        return *this;
    }

    [[nodiscard]] std::size_t size() const { return bytes_.size(); }
    [[nodiscard]] std::span<const std::byte> bytes() const { return bytes_; }
    [[nodiscard]] std::vector<std::byte>& vector() { return bytes_; }

private:
    Bytes& number(std::uint64_t value, unsigned width) {
        for (unsigned index = 0; index < width; ++index) {
            bytes_.push_back(std::byte(value >> (8 * index)));
        }
        return *this;
    }

    std::vector<std::byte> bytes_;
};

/// Physical memory that consists of a few islands, each in an allocation of its own size: a read past an island's end is
/// one that AddressSanitizer sees.
class FakeMemory {
public:
    FakeMemory& put(std::uint64_t address, const Bytes& bytes) { return put(address, bytes.bytes()); }
    FakeMemory& put(std::uint64_t address, std::span<const std::byte> bytes) {
        auto copy = std::make_unique<std::byte[]>(bytes.size());
        std::ranges::copy(bytes, copy.get());
        islands_.insert_or_assign(address, Island{std::move(copy), bytes.size()});
        return *this;
    }
    FakeMemory& put_text(std::uint64_t address, std::string_view text) {
        return put(address, Bytes{}.text(text).u8(0));
    }

    /// The memory as the readers take it; valid until the next `put`.
    [[nodiscard]] frame::boot::PhysicalMemory view() {
        parts_.clear();
        for (const auto& [address, island] : islands_) {
            parts_.push_back({frame::PhysicalAddress{address}, {island.bytes.get(), island.size}});
        }
        return frame::boot::PhysicalMemory{parts_};
    }

private:
    struct Island {
        std::unique_ptr<std::byte[]> bytes;
        std::size_t size;
    };
    std::map<std::uint64_t, Island> islands_;
    std::vector<frame::boot::MemoryPart> parts_;
};

/// The error's message; "(no error)" if there is none.
template <typename T>
std::string_view message(const frame::boot::Result<T>& result) {
    return result ? "(no error)" : result.error().message.view();
}

/// Hands each of many damaged versions of `bytes` to `read`: every truncation, every byte replaced by a few values, and
/// random damage. What `read` does with them is up to it, as long as it does not touch memory that is not there.
template <typename Read>
void damage(const Bytes& bytes, unsigned seed, const Read& read) {
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        read(bytes.bytes().first(size));
    }
    for (std::size_t offset = 0; offset < bytes.size(); ++offset) {
        for (const unsigned value : {0x00U, 0x01U, 0x7fU, 0x80U, 0xffU}) {
            std::vector<std::byte> damaged{bytes.bytes().begin(), bytes.bytes().end()};
            damaged[offset] = std::byte(value);
            read(std::span<const std::byte>{damaged});
        }
    }
    std::uint64_t random = seed * 0x9e37'79b9'7f4a'7c15 + 1;
    for (unsigned round = 0; round < 500; ++round) {
        std::vector<std::byte> damaged{bytes.bytes().begin(), bytes.bytes().end()};
        for (unsigned change = 0; change < 1 + round % 8; ++change) {
            random = random * 6'364'136'223'846'793'005 + 1'442'695'040'888'963'407;
            damaged[(random >> 33) % damaged.size()] = std::byte(random >> 24);
        }
        read(std::span<const std::byte>{damaged});
    }
}

/// Damages each of `parts` where it is in memory that is good otherwise. What `read` makes of that is a description or an
/// error with a message.
template <typename MakeMemory, typename Read>
void damage_parts(std::initializer_list<std::pair<std::uint64_t, Bytes>> parts, const MakeMemory& good_memory,
                  const Read& read) {
    test::for_seeds(1, 5, [&](unsigned seed) {
        for (const auto& [place, bytes] : parts) {
            const std::uint64_t address = place;
            damage(bytes, seed, [&](std::span<const std::byte> damaged) {
                FakeMemory memory = good_memory();
                memory.put(address, damaged);
                frame::BootDescription description;
                const auto result = read(memory, description);
                CHECK(result || !result.error().message.is_empty());
            });
        }
    });
}

}  // namespace boot_inputs
