// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>

#include <abi/abi.hpp>
#include "kernel/api/error.hpp"

namespace kernel {

/// What stopped a thread (seL4 manual, 6.2). All-zero is no fault. Which fields count depends on `type`.
struct Fault {
    abi::FaultType type = abi::FaultType::NullFault;
    std::uint64_t address = 0;  ///< capability address (cap fault) or memory address (VM fault, debug exception)
    std::uint64_t number = 0;   ///< exception vector, system call number, breakpoint, or 1 for a fetch (VM fault)
    std::uint64_t code = 0;     ///< error code, fault status, reason (debug), or 1 in the receive phase (cap fault)

    [[nodiscard]] constexpr bool is_none() const { return type == abi::FaultType::NullFault; }
    /// Whether both are none, in one comparison.
    [[nodiscard]] static constexpr bool are_none(const Fault& a, const Fault& b) {
        static_assert(abi::number(abi::FaultType::NullFault) == 0);
        return (abi::number(a.type) | abi::number(b.type)) == 0;
    }

    [[nodiscard]] static constexpr Fault capability(std::uint64_t address, bool in_receive_phase) {
        return Fault{
            .type = abi::FaultType::CapFault, .address = address, .code = in_receive_phase ? std::uint64_t{1} : 0};
    }
    [[nodiscard]] static constexpr Fault unknown_syscall(std::uint64_t number) {
        return Fault{.type = abi::FaultType::UnknownSyscall, .number = number};
    }
    [[nodiscard]] static constexpr Fault user_exception(std::uint64_t vector, std::uint64_t code) {
        return Fault{.type = abi::FaultType::UserException, .number = vector, .code = code};
    }
    /// `reason` is one of abi::breakpoint; address and number count for breakpoints only.
    [[nodiscard]] static constexpr Fault debug_exception(std::uint64_t reason, std::uint64_t address = 0,
                                                         std::uint64_t breakpoint = 0) {
        return Fault{.type = abi::FaultType::DebugException, .address = address, .number = breakpoint, .code = reason};
    }
    [[nodiscard]] static constexpr Fault vm(std::uint64_t address, bool instruction_fetch, std::uint64_t status) {
        return Fault{.type = abi::FaultType::VMFault,
                     .address = address,
                     .number = instruction_fetch ? std::uint64_t{1} : 0,
                     .code = status};
    }
};

}  // namespace kernel
