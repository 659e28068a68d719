// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <abi/abi.hpp>
#include <frame/interrupt_controller.hpp>

namespace test {

/// One act of whoever the modelled core runs, or of the world around it: at most one kernel entry. A list of steps is a
/// trace, and with the state it starts from decides everything that happens.
struct Step {
    enum class Kind : std::uint8_t {
        syscall,    ///< SYSCALL with these registers
        repeat,     ///< the thread is back at its SYSCALL instruction and executes it again
        interrupt,  ///< `number` is the vector
        trap,       ///< INT `number`
        exception,  ///< exception `number`, error code or, for debugging, status `value`
        read,       ///< an access to `address`
        write,      ///< a store of `value` to `address`
    };
    Kind kind = Kind::syscall;

    // System calls
    std::int64_t call = abi::number(abi::Syscall::Call);
    std::uint64_t capability = 0;
    std::uint64_t info = 0;
    /// Message words: the first four in registers, the others in the IPC buffer.
    std::vector<std::uint64_t> words{};
    /// Addresses of capabilities to pass, in the IPC buffer.
    std::vector<std::uint64_t> caps{};
    /// Where a received capability shall go, in the IPC buffer: CNode, index, depth.
    std::optional<std::array<std::uint64_t, 3>> receive{};

    /// At which looks for interrupts one arrives, lowest bit first, and which.
    std::uint64_t preemptions = 0;
    std::uint32_t preempting_vector = frame::interrupt_vector::timer;

    // Everything else
    std::uint64_t number = 0;
    std::uint64_t address = 0;
    std::uint64_t value = 0;

    friend bool operator==(const Step&, const Step&) = default;
};

/// A step as a line that people can read, and back. `trace.cpp` shows the format.
[[nodiscard]] std::string to_text(const Step& step);
/// Nothing if the line is no step; blank lines and comments are for the caller to skip.
[[nodiscard]] std::optional<Step> step_from_text(std::string_view line);

/// The label of a message-info word as a name where it has one.
[[nodiscard]] std::string label_name(std::uint64_t label);

}  // namespace test
