// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <vector>

namespace test {

/// A program header and its bytes. What is not given follows from the rest.
struct ElfSegment {
    std::uint32_t type = 1;  // PT_LOAD
    std::uint64_t address = 0x400000;
    std::vector<std::byte> data = std::vector<std::byte>(4);
    std::optional<std::uint64_t> memory_size{};
    std::optional<std::uint64_t> file_offset{};
    std::optional<std::uint64_t> file_size{};
};

/// An ELF-64 file of which every number that a loader reads can be set wrong.
struct ElfFile {
    std::vector<ElfSegment> segments = {ElfSegment{}};
    std::uint64_t entry = 0x400000;
    std::uint8_t file_class = 2;
    std::uint8_t data_encoding = 1;
    std::uint16_t machine = 62;
    std::uint64_t table = 64;
    std::uint16_t entry_size = 56;
    std::optional<std::uint16_t> count{};

    [[nodiscard]] std::vector<std::byte> build() const {
        std::vector<std::byte> file(64 + 56 * segments.size());
        const auto put = [&](std::size_t offset, auto value) {
            std::memcpy(file.data() + offset, &value, sizeof value);
        };
        put(0, std::uint32_t{0x464c457f});
        put(4, file_class);
        put(5, data_encoding);
        put(6, std::uint8_t{1});
        put(16, std::uint16_t{2});
        put(18, machine);
        put(20, std::uint32_t{1});
        put(24, entry);
        put(32, table);
        put(52, std::uint16_t{64});
        put(54, entry_size);
        put(56, count.value_or(static_cast<std::uint16_t>(segments.size())));
        for (std::size_t index = 0; index < segments.size(); ++index) {
            const ElfSegment& segment = segments[index];
            const std::uint64_t offset = (file.size() + 4095) / 4096 * 4096;
            const std::size_t header = 64 + 56 * index;
            put(header, segment.type);
            put(header + 4, std::uint32_t{7});
            put(header + 8, segment.file_offset.value_or(offset));
            put(header + 16, segment.address);
            put(header + 24, segment.address);
            put(header + 32, segment.file_size.value_or(segment.data.size()));
            put(header + 40, segment.memory_size.value_or(segment.data.size()));
            put(header + 48, std::uint64_t{4096});
            if (!segment.data.empty()) {
                file.resize(offset);
                file.insert(file.end(), segment.data.begin(), segment.data.end());
            }
        }
        return file;
    }
};

}  // namespace test
