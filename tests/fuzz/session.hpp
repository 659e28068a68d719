// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <cstdio>
#include <string>
#include <unordered_map>
#include <utility>

#include "tests/machine/machine.hpp"

namespace test {

/// Counts what was reached: calls by name and result. Calls are told apart by a number, so that counting costs little; the
/// name is asked for once.
class ResultTable {
public:
    [[nodiscard]] bool knows(std::uint32_t call) const { return names_.contains(call); }
    void set_name(std::uint32_t call, std::string name) { names_[call] = std::move(name); }
    void add(std::uint32_t call, const Result& result) {
        const auto result_number = static_cast<std::uint64_t>(result.kind) << 8 | abi::number(result.error);
        ++counts_[result_number << 32 | call];
    }
    /// Writes the table as lines `name result count`, so that runs can be added up; the first has the kernel entries.
    void write(const std::string& path, std::uint64_t entries) const {
        std::FILE* const file = std::fopen(path.c_str(), "w");
        if (file == nullptr) {
            return;
        }
        std::fprintf(file, "entries\t\t%llu\n", static_cast<unsigned long long>(entries));
        for (const auto& [key, count] : counts_) {
            const Result result{static_cast<Result::Kind>(key >> 40), static_cast<abi::Error>(key >> 32 & 0xff)};
            std::fprintf(file, "%s\t%s\t%llu\n", names_.at(static_cast<std::uint32_t>(key)).c_str(),
                         to_text(result).c_str(), static_cast<unsigned long long>(count));
        }
        std::fclose(file);
    }

private:
    std::unordered_map<std::uint32_t, std::string> names_{};
    std::unordered_map<std::uint64_t, std::uint64_t> counts_{};  ///< by result and call
};

}  // namespace test
