// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include <abi/abi.hpp>

namespace frame {

/// A register of a user thread, as its word position in `UserContext`. The order is what makes the entry and exit stubs
/// short (frame/x86_64/entry.S). `next_ip` is where the thread goes on, `fault_ip` where it was when it entered the kernel.
///
///     offset
///      0x00  fault_ip                         exists in memory only
///      0x08  rcx r11                          what SYSCALL destroys: stored and loaded for exceptions and interrupts only
///      0x18  rdi rsi rax rbx rbp r12 r13 r14 rdx r10 r8 r9 r15
///      0x80  error                            the processor's error code, 0, or `UserContext::entered_by_syscall`
///      0x88  next_ip cs rflags rsp ss         the processor's interrupt frame (Intel SDM vol. 3A, 6.14.2)
///      0xb0  fs_base gs_base
///
/// TSS.RSP0 points to 0xb0 while the thread runs, so the processor itself stores its part of the registers in place.
enum class Register : std::uint8_t {
    fault_ip,
    rcx,
    r11,
    rdi,
    rsi,
    rax,
    rbx,
    rbp,
    r12,
    r13,
    r14,
    rdx,
    r10,
    r8,
    r9,
    r15,
    error,  ///< how the thread entered: the exception's error code, or `UserContext::entered_by_syscall`
    next_ip,
    cs,  ///< the processor's business
    rflags,
    rsp,
    ss,  ///< the processor's business
    fs_base,
    gs_base,
};

/// Selectors of a thread that has not run yet, RPL 3. SYSRET chooses another code segment (descriptor_tables.hpp).
inline constexpr std::uint64_t user_code_selector = 0x2b;
inline constexpr std::uint64_t user_stack_selector = 0x33;

/// RFLAGS bits (Intel SDM vol. 1, 3.4.3).
namespace rflags {
inline constexpr std::uint64_t always_set = 1U << 1;
inline constexpr std::uint64_t trap = 1U << 8;
inline constexpr std::uint64_t interrupt_enable = 1U << 9;
inline constexpr std::uint64_t resume = 1U << 16;
/// What a thread may choose: CF PF AF ZF SF DF OF. Everything else is fixed or the kernel's.
inline constexpr std::uint64_t user_mask = 0xCD5;
}  // namespace rflags

/// The registers of a user thread, sanitised where they are stored: whatever a program writes, loading this context
/// never faults in the kernel and never confers privilege. The selectors are fixed when the context is made.
class UserContext {
public:
    static constexpr std::size_t register_count = 24;
    /// In `Register::error`: the thread entered by SYSCALL, so rcx and r11 hold nothing of its own and SYSRET may be used.
    static constexpr std::uint64_t entered_by_syscall = ~std::uint64_t{0};

    constexpr explicit UserContext() {
        registers_[static_cast<std::size_t>(Register::cs)] = user_code_selector;
        registers_[static_cast<std::size_t>(Register::ss)] = user_stack_selector;
        registers_[static_cast<std::size_t>(Register::rflags)] = rflags::always_set | rflags::interrupt_enable;
    }
    UserContext(const UserContext&) = delete;
    UserContext& operator=(const UserContext&) = delete;

    [[nodiscard]] std::uint64_t get(Register reg) const { return registers_[static_cast<std::size_t>(reg)]; }
    /// Stores `value`, made harmless first: instruction pointers and segment bases that are not canonical become 0,
    /// RFLAGS keeps only what a user may choose, with interrupts on.
    void set(Register reg, std::uint64_t value) { registers_[static_cast<std::size_t>(reg)] = sanitised(reg, value); }
    /// Stores into a general-purpose register, which may hold anything.
    template <Register reg>
        requires(reg != Register::rflags && reg != Register::next_ip && reg != Register::fault_ip &&
                 reg != Register::error && reg != Register::fs_base && reg != Register::gs_base &&
                 reg != Register::cs && reg != Register::ss)
    void set(std::uint64_t value) {
        registers_[static_cast<std::size_t>(reg)] = value;
    }
    template <Register reg>
    [[nodiscard]] std::uint64_t get() const {
        return registers_[static_cast<std::size_t>(reg)];
    }

    /// Whether the thread entered the kernel by SYSCALL rather than by an exception or interrupt.
    [[nodiscard]] bool is_syscall_entry() const { return get<Register::error>() == entered_by_syscall; }

    /// The thread goes on with the instruction that it was at when it entered the kernel: repeats a system call, or
    /// retries an access that faulted.
    void resume_at_fault_ip() { at(Register::next_ip) = at(Register::fault_ip); }
    /// Where the thread would go on counts, from now on, as where it was.
    void restart_at_next_ip() { at(Register::fault_ip) = at(Register::next_ip); }
    /// On exit every register is loaded, rcx and r11 too, which SYSRET could not: for contexts changed from outside.
    void load_in_full() { at(Register::error) = 0; }
    /// The thread raises a debug exception after its next instruction, or does not (RFLAGS.TF).
    void start_stepping() { at(Register::rflags) |= rflags::trap; }
    void stop_stepping() { at(Register::rflags) &= ~rflags::trap; }
    /// No breakpoint stops the thread's next instruction (RFLAGS.RF, Intel SDM vol. 3B, 17.3.1.1).
    void pass_breakpoint() { at(Register::rflags) |= rflags::resume; }

    /// What `set` stores for `value`.
    [[nodiscard]] static constexpr std::uint64_t sanitised(Register reg, std::uint64_t value) {
        switch (reg) {
        case Register::next_ip:
        case Register::fault_ip:
        case Register::fs_base:
        case Register::gs_base:
            return is_canonical(value) ? value : 0;
        case Register::rflags:
            return (value & rflags::user_mask) | rflags::always_set | rflags::interrupt_enable;
        case Register::cs:
            return user_code_selector;
        case Register::ss:
            return user_stack_selector;
        case Register::error:
            return 0;  // a context changed from outside is loaded in full
        case Register::rdi:
        case Register::rsi:
        case Register::rax:
        case Register::rbx:
        case Register::rbp:
        case Register::r12:
        case Register::r13:
        case Register::r14:
        case Register::rdx:
        case Register::r10:
        case Register::r8:
        case Register::r9:
        case Register::r15:
        case Register::rsp:
        case Register::r11:
        case Register::rcx:
            return value;
        }
        return value;
    }
    /// Canonical in 48-bit addressing: bits 47 to 63 are equal (Intel SDM vol. 1, 3.3.7.1).
    [[nodiscard]] static constexpr bool is_canonical(std::uint64_t value) {
        return value <= 0x0000'7fff'ffff'ffff || value >= 0xffff'8000'0000'0000;
    }

private:
    friend struct ContextAccess;
    [[nodiscard]] std::uint64_t& at(Register reg) { return registers_[static_cast<std::size_t>(reg)]; }

    alignas(16) std::array<std::uint64_t, register_count> registers_{};
};
static_assert(sizeof(UserContext) == 0xc0);

}  // namespace frame
