// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/machine/census.hpp"
#include "tests/machine/machine.hpp"

namespace test {

/// What the inputs of the corpus and some random ones lead to, in 16 bits for each step: a digest of everything up to there
/// that programs or people can see, and of all capabilities. The kernel's behaviour is checked elsewhere; this notices that it
/// changed, wherever that may be, and names the input and the step.
class Recording {
public:
    using Codes = std::vector<std::uint16_t>;
    struct Line {
        std::string name;
        Codes codes;
    };

    /// An input begins.
    void begin(std::string name);
    /// A step was done.
    void add(Machine& machine, const Result& result);
    /// What the boot left: a code for each capability, then one for the boot information.
    void add_boot(Machine& machine);

    [[nodiscard]] const std::vector<Line>& lines() const { return lines_; }
    /// False if the file cannot be written.
    [[nodiscard]] bool write(const char* path) const;
    /// The lines of a file; empty if there is none.
    [[nodiscard]] static std::vector<Line> read(const char* path);

private:
    void add_word(std::uint64_t word);
    void add_running(Machine& machine);
    void add_held(const Held& held);
    void add_capabilities();
    void add_console();
    void end_step();

    std::vector<Line> lines_;
    std::uint64_t hash_ = 0;
};

}  // namespace test
