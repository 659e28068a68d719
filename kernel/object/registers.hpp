// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <abi/abi.hpp>
#include "kernel/object/tcb.hpp"

namespace kernel {

/// The context word behind a register as the ABI names it; its instruction pointer is where a thread was, not where it
/// goes on, so that reading and writing it means the instruction that a restarted thread repeats.
[[nodiscard]] constexpr frame::Register context_register(abi::Register reg) {
    switch (reg) {
    case abi::Register::rip:
        return frame::Register::fault_ip;
    case abi::Register::rsp:
        return frame::Register::rsp;
    case abi::Register::rflags:
        return frame::Register::rflags;
    case abi::Register::rax:
        return frame::Register::rax;
    case abi::Register::rbx:
        return frame::Register::rbx;
    case abi::Register::rcx:
        return frame::Register::rcx;
    case abi::Register::rdx:
        return frame::Register::rdx;
    case abi::Register::rsi:
        return frame::Register::rsi;
    case abi::Register::rdi:
        return frame::Register::rdi;
    case abi::Register::rbp:
        return frame::Register::rbp;
    case abi::Register::r8:
        return frame::Register::r8;
    case abi::Register::r9:
        return frame::Register::r9;
    case abi::Register::r10:
        return frame::Register::r10;
    case abi::Register::r11:
        return frame::Register::r11;
    case abi::Register::r12:
        return frame::Register::r12;
    case abi::Register::r13:
        return frame::Register::r13;
    case abi::Register::r14:
        return frame::Register::r14;
    case abi::Register::r15:
        return frame::Register::r15;
    case abi::Register::fs_base:
        return frame::Register::fs_base;
    case abi::Register::gs_base:
        return frame::Register::gs_base;
    }
    return frame::Register::rax;
}

[[nodiscard]] inline std::uint64_t read_register(const Tcb& tcb, abi::Register reg) {
    return tcb.block.context.get(context_register(reg));
}

inline void write_register(Tcb& tcb, abi::Register reg, std::uint64_t value) {
    tcb.block.context.set(context_register(reg), value);
}

}  // namespace kernel
