// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <cstdio>
#include <map>
#include <string>
#include <utility>

#include "tests/machine/machine.hpp"

namespace test {

/// Counts what was reached: calls by name and result.
class ResultTable {
public:
    void add(const std::string& name, const Result& result) { ++counts_[{name, to_text(result)}]; }
    /// Writes the table as lines `name result count`, so that runs can be added up.
    void write(const std::string& path) const {
        std::FILE* const file = std::fopen(path.c_str(), "w");
        if (file == nullptr) {
            return;
        }
        for (const auto& [key, count] : counts_) {
            std::fprintf(file, "%s\t%s\t%llu\n", key.first.c_str(), key.second.c_str(),
                         static_cast<unsigned long long>(count));
        }
        std::fclose(file);
    }

private:
    std::map<std::pair<std::string, std::string>, std::uint64_t> counts_{};
};

}  // namespace test
