// SPDX-License-Identifier: GPL-2.0-only
#include "frame/x86_64/descriptor_tables.hpp"

#include <array>

#include <frame/interrupt_controller.hpp>
#include <frame/user_context.hpp>

#include "frame/x86_64/entry_offsets.h"
#include "frame/x86_64/per_core.hpp"

// SAFETY: defined in entry.S; only their addresses are used.
extern "C" {
extern const char frame_vector_stubs[];
extern const char frame_kernel_stack_top[];
extern const char frame_nmi_stack_top[];
extern const char frame_double_fault_stack_top[];
extern const char frame_debug_stack_top[];
extern const char frame_machine_check_stack_top[];
}

namespace frame::x86_64 {
namespace {

/// A 64-bit interrupt gate (Intel SDM vol. 3A, 6.14.1).
struct Gate {
    std::uint16_t offset_low;
    std::uint16_t code_selector;
    std::uint8_t stack;
    std::uint8_t type;
    std::uint16_t offset_middle;
    std::uint32_t offset_high;
    std::uint32_t reserved;
};
static_assert(sizeof(Gate) == 16);

/// The operand of LGDT and LIDT.
struct [[gnu::packed]] TableRegister {
    std::uint16_t limit;
    std::uint64_t base;
};

/// One table for all cores: gates name stacks by number, and each core has its own TSS.
// SAFETY: the section only places it: in the gate, because the processor reads it in user mode.
[[gnu::section(".bss.gate")]] alignas(16) constinit std::array<Gate, 256> idt{};

/// Positions in TaskStateSegment::ist, counted from 1 as gates do. 0: the stack in RSP0.
constexpr std::uint8_t nmi_stack = 1;
constexpr std::uint8_t double_fault_stack = 2;
constexpr std::uint8_t machine_check_stack = 3;
constexpr std::uint8_t debug_stack = 4;

std::uint64_t address_of(const void* pointer) {
    // SAFETY: pointer to integer only.
    return reinterpret_cast<std::uint64_t>(pointer);
}

std::uint8_t stack_of(std::uint32_t number) {
    switch (number) {
    case vector::debug:
        return debug_stack;
    case vector::nmi:
        return nmi_stack;
    case vector::double_fault:
        return double_fault_stack;
    case vector::machine_check:
        return machine_check_stack;
    default:
        return 0;
    }
}

/// INT3, and INT n on the vectors that seL4 treats as unknown system calls. Elsewhere INT n is a protection fault.
bool is_open_to_users(std::uint32_t number) {
    return number == vector::breakpoint || number >= interrupt_vector::first_trap;
}

void fill_idt() {
    constexpr std::uint8_t present_interrupt_gate = 0x8e;
    constexpr std::uint8_t privilege_3 = 0x60;
    for (std::uint32_t number = 0; number < idt.size(); ++number) {
        const std::uint64_t stub = address_of(frame_vector_stubs) + std::uint64_t{number} * vector_stub_bytes;
        idt[number] = Gate{
            .offset_low = static_cast<std::uint16_t>(stub),
            .code_selector = selector::kernel_code,
            .stack = stack_of(number),
            .type = static_cast<std::uint8_t>(present_interrupt_gate | (is_open_to_users(number) ? privilege_3 : 0)),
            .offset_middle = static_cast<std::uint16_t>(stub >> 16),
            .offset_high = static_cast<std::uint32_t>(stub >> 32),
            .reserved = 0};
    }
}

void fill_gdt(CoreLocal& core) {
    // Flat segments; in 64-bit mode only type, privilege and L matter (Intel SDM vol. 3A, 3.4.5). That users' data segments
    // expand down, as seL4's do, means nothing then, but LAR tells it.
    constexpr std::uint64_t user_code_segment = 0x00af'fb00'0000'ffff;
    constexpr std::uint64_t user_data_segment = 0x00cf'f700'0000'ffff;
    core.gdt[0] = 0;
    core.gdt[selector::kernel_code / 8] = 0x00af'9b00'0000'ffff;
    core.gdt[selector::kernel_data / 8] = 0x00cf'9300'0000'ffff;
    core.gdt[selector::user_code / 8] = user_code_segment;
    core.gdt[selector::user_data / 8] = user_data_segment;
    core.gdt[selector::user_code_after_sysret / 8] = user_code_segment;
    core.gdt[selector::user_data_too / 8] = user_data_segment;
    const std::uint64_t base = address_of(&core.tss);
    constexpr std::uint64_t limit = sizeof(TaskStateSegment) - 1;
    core.gdt[selector::task_state / 8] =
        limit | ((base & 0xff'ffff) << 16) | (std::uint64_t{0x89} << 40) | (((base >> 24) & 0xff) << 56);
    core.gdt[selector::task_state / 8 + 1] = base >> 32;
}

void fill_tss(CoreLocal& core) {
    // RSP0 is the current thread's; there is none yet.
    core.tss.rsp[0] = address_of(frame_kernel_stack_top);
    core.tss.ist[nmi_stack - 1] = address_of(frame_nmi_stack_top);
    core.tss.ist[double_fault_stack - 1] = address_of(frame_double_fault_stack_top);
    core.tss.ist[debug_stack - 1] = address_of(frame_debug_stack_top);
    core.tss.ist[machine_check_stack - 1] = address_of(frame_machine_check_stack_top);
    core.tss.io_map_base = sizeof(TaskStateSegment);
}

static_assert(selector::user_code == user_code_selector && selector::user_data == user_stack_selector);
static_assert(selector::sysret_base + 8 == selector::user_data);
static_assert(selector::sysret_base + 16 == selector::user_code_after_sysret);

}  // namespace

void load_descriptor_tables() {
    CoreLocal& core = this_core();
    fill_gdt(core);
    fill_tss(core);
    fill_idt();
    const TableRegister gdt_register{sizeof(core.gdt) - 1, address_of(&core.gdt)};
    const TableRegister idt_register{sizeof(idt) - 1, address_of(&idt)};
    // SAFETY: both tables are static and complete. CS is loaded by the far return to the next instruction; SS and the
    // others take the kernel's flat segment or none. LDT: none. LTR marks the TSS busy, so this runs once per core.
    asm volatile(
        "lgdt %[gdt]\n\t"
        "pushq %[code]\n\t"
        "leaq 1f(%%rip), %%rax\n\t"
        "pushq %%rax\n\t"
        "lretq\n"
        "1:\tmovl %[data], %%eax\n\t"
        "movl %%eax, %%ss\n\t"
        "xorl %%eax, %%eax\n\t"
        "movl %%eax, %%ds\n\t"
        "movl %%eax, %%es\n\t"
        "movl %%eax, %%fs\n\t"
        "movl %%eax, %%gs\n\t"
        "lldt %%ax\n\t"
        "lidt %[idt]\n\t"
        "movl %[task], %%eax\n\t"
        "ltr %%ax"
        :
        : [gdt] "m"(gdt_register), [idt] "m"(idt_register), [code] "i"(selector::kernel_code),
          [data] "i"(selector::kernel_data), [task] "i"(selector::task_state)
        : "rax", "memory");
}

}  // namespace frame::x86_64
