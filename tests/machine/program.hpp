// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tests/machine/machine.hpp"

namespace test {

/// The threads of the modelled machine as threads of a real one, which go on by themselves: they run the code in
/// user/replay/thread.S, of which each step is a piece. A thread whose instruction pointer leads elsewhere faults there; one
/// that the kernel sends back to an instruction executes it again, without a step.
///
/// What threads have in their registers whenever one takes a step is the same on the machine, for
/// `antimono replay --machine` to compare.
class Program {
public:
    static constexpr std::size_t register_count = 14;
    /// rax rbx rdx rsi rdi rbp rsp r8 r9 r10 r12 r13 r14 r15
    using Registers = std::array<std::uint64_t, register_count>;

    /// A step as the machine's threads need it.
    struct Taken {
        std::optional<Registers> registers;  ///< of the thread that took it; nobody took it while the machine was idle
        std::uint64_t thread = 0;            ///< who that is: a number that no two threads ever have
        std::uint8_t priority = 0;
        std::vector<std::pair<std::uint64_t, std::uint64_t>> stores;  ///< address and value, before a system call
        Result result;
    };

    /// Makes the base system and gives its threads their code. `observe` sees each step that the system's threads take on
    /// the way, from when the first one lives in its own CSpace.
    Program(Machine& machine, const std::function<void(const Step&, const Taken&)>& observe);

    /// Lets the system run up to where the next step is taken, and takes it. Nothing if the running thread left its code
    /// for memory that can be executed: nobody knows what it does there.
    std::optional<Taken> take(const Step& step);
    /// Lets the system run up to where the next step would be taken; `result` says nothing. Nothing: as in `take`.
    std::optional<Taken> look();

private:
    bool settle();
    [[nodiscard]] bool go_on_at(std::uint64_t address);
    Result perform(const Step& step);
    [[nodiscard]] Taken describe() const;
    [[nodiscard]] std::vector<std::pair<std::uint64_t, std::uint64_t>> stores_of(const Step& step);

    Machine& machine_;
};

}  // namespace test
