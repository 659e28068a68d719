// SPDX-License-Identifier: GPL-2.0-only
#include "frame/x86_64/per_core.hpp"

#include <array>
#include <type_traits>

#include <frame/detail/backend.hpp>

#include "frame/x86_64/cpu.hpp"
#include "frame/x86_64/descriptor_tables.hpp"
#include "frame/x86_64/entry_offsets.h"
#include "frame/x86_64/layout.hpp"

namespace frame::x86_64 {

// SAFETY: the section only places it: in the gate, because entries read it before they load the kernel's tables.
[[gnu::section(".bss.gate")]] constinit CoreLocal frame_core_local{};

namespace {

using ContextWords = std::array<std::uint64_t, UserContext::register_count>;
constexpr std::size_t interrupt_frame = static_cast<std::size_t>(Register::next_ip);

/// Stands for the registers of nobody: all the exit stub reads of it are the error code, which sends it to the slow exit,
/// and the code selector, which is the kernel's and sends it to the idle loop.
consteval ContextWords make_idle_frame() {
    ContextWords words{};
    words[static_cast<std::size_t>(Register::cs)] = selector::kernel_code;
    return words;
}
alignas(16) constinit ContextWords idle_frame = make_idle_frame();

consteval bool is_at(Register name, std::size_t offset) { return static_cast<std::size_t>(name) * 8 == offset; }

static_assert(is_at(Register::fault_ip, register_fault_ip));
static_assert(is_at(Register::rcx, register_rcx));
static_assert(is_at(Register::r11, register_r11));
static_assert(is_at(Register::rdi, register_rdi));
static_assert(is_at(Register::rsi, register_rsi));
static_assert(is_at(Register::rax, register_rax));
static_assert(is_at(Register::rbx, register_rbx));
static_assert(is_at(Register::rbp, register_rbp));
static_assert(is_at(Register::r12, register_r12));
static_assert(is_at(Register::r13, register_r13));
static_assert(is_at(Register::r14, register_r14));
static_assert(is_at(Register::rdx, register_rdx));
static_assert(is_at(Register::r10, register_r10));
static_assert(is_at(Register::r8, register_r8));
static_assert(is_at(Register::r9, register_r9));
static_assert(is_at(Register::r15, register_r15));
static_assert(is_at(Register::error, register_error));
static_assert(is_at(Register::next_ip, register_next_ip));
static_assert(is_at(Register::cs, register_cs));
static_assert(is_at(Register::rflags, register_rflags));
static_assert(is_at(Register::rsp, register_rsp));
static_assert(is_at(Register::ss, register_ss));
static_assert(initial_code_selector == user_code_selector && initial_stack_selector == user_stack_selector);
static_assert(initial_rflags == (frame::rflags::always_set | frame::rflags::interrupt_enable));
static_assert(offsetof(CoreLocal, registers_frame) == core_registers_frame);
static_assert(offsetof(CoreLocal, pending_vector) == core_pending_vector);
static_assert(offsetof(CoreLocal, roots.kernel_root) == core_kernel_root);
static_assert(offsetof(CoreLocal, roots.user_root) == core_user_root);
static_assert(offsetof(CoreLocal, tss.rsp) == core_rsp0 && core_rsp0 % 8 == 0 && core_rsp0 < 64);
static_assert((static_cast<std::size_t>(Register::ss) + 1) * sizeof(std::uint64_t) == register_interrupt_end);
static_assert(kernel_stack_size == kernel_stack_bytes);
static_assert(std::is_standard_layout_v<UserContext> && sizeof(UserContext) == sizeof(ContextWords));
static_assert(alignof(UserContext) == 16, "the processor aligns RSP0 to 16 bytes");

}  // namespace

bool is_idle() {
    return this_core().registers_frame == nullptr || this_core().registers_frame == &idle_frame[interrupt_frame];
}

const UserContext& current_context() {
    // SAFETY: not idle, so registers_frame is what set_current stored: a place in the words of a live UserContext, of
    // which it is a standard-layout class's first member.
    return *reinterpret_cast<const UserContext*>(this_core().registers_frame - interrupt_frame);
}

}  // namespace frame::x86_64

namespace frame::backend {

void set_current(UserContext& context) {
    // SAFETY: a standard-layout class and its first member, the array of words, share their address.
    auto* const words = reinterpret_cast<std::uint64_t*>(&context);
    x86_64::this_core().registers_frame = words + x86_64::interrupt_frame;
}

void set_idle() { x86_64::this_core().registers_frame = &x86_64::idle_frame[x86_64::interrupt_frame]; }

void write_fs_base(std::uint64_t base) {
    if constexpr (abi::config::fsgsbase_inst) {
        // SAFETY: CR4.FSGSBASE is set in this configuration, and the caller passes a canonical address.
        asm volatile("wrfsbase %0" ::"r"(base));
    } else {
        x86_64::write_msr(x86_64::Msr::fs_base, base);
    }
}

void write_gs_base(std::uint64_t base) {
    if constexpr (abi::config::fsgsbase_inst) {
        // SAFETY: as above. One core: the kernel does not use GS itself.
        asm volatile("wrgsbase %0" ::"r"(base));
    } else {
        x86_64::write_msr(x86_64::Msr::gs_base, base);
    }
}

std::uint64_t read_fs_base() {
    if constexpr (abi::config::fsgsbase_inst) {
        std::uint64_t base = 0;
        // SAFETY: reading; CR4.FSGSBASE is set in this configuration.
        asm volatile("rdfsbase %0" : "=r"(base));
        return base;
    }
    return x86_64::read_msr(x86_64::Msr::fs_base);
}

std::uint64_t read_gs_base() {
    if constexpr (abi::config::fsgsbase_inst) {
        std::uint64_t base = 0;
        // SAFETY: as above.
        asm volatile("rdgsbase %0" : "=r"(base));
        return base;
    }
    return x86_64::read_msr(x86_64::Msr::gs_base);
}

}  // namespace frame::backend
