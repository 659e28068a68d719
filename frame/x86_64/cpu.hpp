// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>

/// Single instructions of the processor, one function each, and the registers they name as types.
///
/// SAFETY of the inline assembly in this file: each statement is one instruction (or a read of its result) and declares
/// all that it reads and writes. What makes an instruction itself safe is stated by the caller, where it is not
/// harmless by nature.
namespace frame::x86_64 {

/// Model-specific registers (Intel SDM vol. 4; AMD APM vol. 2, appendix A).
enum class Msr : std::uint32_t {
    apic_base = 0x1b,
    arch_capabilities = 0x10a,
    sysenter_cs = 0x174,
    pat = 0x277,
    x2apic_base = 0x800,
    efer = 0xc000'0080,
    star = 0xc000'0081,
    lstar = 0xc000'0082,
    cstar = 0xc000'0083,
    fmask = 0xc000'0084,
    fs_base = 0xc000'0100,
    gs_base = 0xc000'0101,
    kernel_gs_base = 0xc000'0102,
};

[[nodiscard]] inline std::uint64_t read_msr(Msr msr) {
    std::uint32_t low = 0;
    std::uint32_t high = 0;
    // SAFETY: reading; the registers above exist on every processor that passed the boot checks.
    asm volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(static_cast<std::uint32_t>(msr)));
    return (std::uint64_t{high} << 32) | low;
}

inline void write_msr(Msr msr, std::uint64_t value) {
    // SAFETY: see the caller. The memory clobber orders the write after the stores that set the stage for it.
    asm volatile("wrmsr" ::"c"(static_cast<std::uint32_t>(msr)), "a"(static_cast<std::uint32_t>(value)),
                 "d"(static_cast<std::uint32_t>(value >> 32))
                 : "memory");
}

/// Bits of CR0 (Intel SDM vol. 3A, 2.5).
namespace cr0 {
inline constexpr std::uint64_t protection_enable = std::uint64_t{1} << 0;
inline constexpr std::uint64_t monitor_coprocessor = std::uint64_t{1} << 1;
inline constexpr std::uint64_t task_switched = std::uint64_t{1} << 3;
inline constexpr std::uint64_t extension_type = std::uint64_t{1} << 4;
inline constexpr std::uint64_t numeric_error = std::uint64_t{1} << 5;
inline constexpr std::uint64_t write_protect = std::uint64_t{1} << 16;
inline constexpr std::uint64_t paging = std::uint64_t{1} << 31;
}  // namespace cr0

/// Bits of CR4 (Intel SDM vol. 3A, 2.5).
namespace cr4 {
inline constexpr std::uint64_t debugging_extensions = std::uint64_t{1} << 3;
inline constexpr std::uint64_t physical_address_extension = std::uint64_t{1} << 5;
inline constexpr std::uint64_t machine_check_enable = std::uint64_t{1} << 6;
inline constexpr std::uint64_t page_global_enable = std::uint64_t{1} << 7;
inline constexpr std::uint64_t performance_counter_enable = std::uint64_t{1} << 8;
inline constexpr std::uint64_t os_fxsr = std::uint64_t{1} << 9;
inline constexpr std::uint64_t os_xmm_exceptions = std::uint64_t{1} << 10;
inline constexpr std::uint64_t fsgsbase = std::uint64_t{1} << 16;
inline constexpr std::uint64_t pcid_enable = std::uint64_t{1} << 17;
inline constexpr std::uint64_t os_xsave = std::uint64_t{1} << 18;
inline constexpr std::uint64_t smep = std::uint64_t{1} << 20;
inline constexpr std::uint64_t smap = std::uint64_t{1} << 21;
}  // namespace cr4

/// Bits of RFLAGS (Intel SDM vol. 1, 3.4.3).
namespace rflags {
inline constexpr std::uint64_t trap = std::uint64_t{1} << 8;
inline constexpr std::uint64_t interrupt = std::uint64_t{1} << 9;
inline constexpr std::uint64_t direction = std::uint64_t{1} << 10;
inline constexpr std::uint64_t io_privilege = std::uint64_t{3} << 12;
inline constexpr std::uint64_t nested_task = std::uint64_t{1} << 14;
inline constexpr std::uint64_t alignment_check = std::uint64_t{1} << 18;
}  // namespace rflags

#define FRAME_CONTROL_REGISTER(name)                               \
    [[nodiscard]] inline std::uint64_t read_##name() {             \
        std::uint64_t value = 0;                                   \
        /* SAFETY: reading has no effect. */                       \
        asm volatile("movq %%" #name ", %0" : "=r"(value));        \
        return value;                                              \
    }                                                              \
    inline void write_##name(std::uint64_t value) {                \
        /* SAFETY: see the caller. */                              \
        asm volatile("movq %0, %%" #name ::"r"(value) : "memory"); \
    }
FRAME_CONTROL_REGISTER(cr0)
FRAME_CONTROL_REGISTER(cr3)
FRAME_CONTROL_REGISTER(cr4)
// Debug registers (Intel SDM vol. 3B, 17.2). A breakpoint at an address that the kernel uses would stop it.
FRAME_CONTROL_REGISTER(dr0)
FRAME_CONTROL_REGISTER(dr1)
FRAME_CONTROL_REGISTER(dr2)
FRAME_CONTROL_REGISTER(dr3)
FRAME_CONTROL_REGISTER(dr6)
FRAME_CONTROL_REGISTER(dr7)
#undef FRAME_CONTROL_REGISTER

/// Linear address of the last page fault.
[[nodiscard]] inline std::uint64_t read_cr2() {
    std::uint64_t value = 0;
    // SAFETY: reading has no effect.
    asm volatile("movq %%cr2, %0" : "=r"(value));
    return value;
}

struct CpuidResult {
    std::uint32_t eax;
    std::uint32_t ebx;
    std::uint32_t ecx;
    std::uint32_t edx;
};

[[nodiscard]] inline CpuidResult cpuid(std::uint32_t leaf, std::uint32_t subleaf = 0) {
    CpuidResult result{};
    // SAFETY: reading has no effect.
    asm volatile("cpuid"
                 : "=a"(result.eax), "=b"(result.ebx), "=c"(result.ecx), "=d"(result.edx)
                 : "a"(leaf), "c"(subleaf));
    return result;
}

/// An I/O port (Intel SDM vol. 1, chapter 19).
using Port = std::uint16_t;

#define FRAME_PORT_ACCESS(bits, suffix, reg)                                               \
    [[nodiscard]] inline std::uint##bits##_t in##bits(Port port) {                         \
        std::uint##bits##_t value = 0;                                                     \
        /* SAFETY: a port is no memory; what the device does is the caller's matter. */    \
        asm volatile("in" suffix " %w1, %" reg "0" : "=a"(value) : "Nd"(port) : "memory"); \
        return value;                                                                      \
    }                                                                                      \
    inline void out##bits(Port port, std::uint##bits##_t value) {                          \
        /* SAFETY: as above. */                                                            \
        asm volatile("out" suffix " %" reg "0, %w1" ::"a"(value), "Nd"(port) : "memory");  \
    }
FRAME_PORT_ACCESS(8, "b", "b")
FRAME_PORT_ACCESS(16, "w", "w")
FRAME_PORT_ACCESS(32, "l", "k")
#undef FRAME_PORT_ACCESS

[[nodiscard]] inline std::uint64_t read_tsc() {
    std::uint32_t low = 0;
    std::uint32_t high = 0;
    // SAFETY: reading has no effect.
    asm volatile("rdtsc" : "=a"(low), "=d"(high));
    return (std::uint64_t{high} << 32) | low;
}

inline void pause() {
    // SAFETY: a hint.
    asm volatile("pause");
}

/// Stops this core for good.
[[noreturn]] inline void halt_for_ever() {
    for (;;) {
        // SAFETY: with interrupts off only NMI and SMI end HLT, and then it is executed again.
        asm volatile("cli; hlt");
    }
}

/// Forgets the translation of one page in the current address space, and cached table entries (Intel SDM vol. 3A,
/// 4.10.4.1).
inline void invlpg(std::uint64_t address) {
    // SAFETY: only caches are changed; `address` is not accessed.
    asm volatile("invlpg (%0)" ::"r"(address) : "memory");
}

/// How much INVPCID forgets of a process context, global translations aside (Intel SDM vol. 2A, INVPCID).
enum class InvpcidType : std::uint64_t { address = 0, context = 1 };

/// Forgets translations of a process context, whether or not it is loaded: all, or what leads to `address`.
inline void invpcid(InvpcidType type, std::uint64_t pcid, std::uint64_t address) {
    const std::uint64_t descriptor[2]{pcid, address};
    // SAFETY: only caches are changed, by processors that have the instruction; the descriptor is read.
    asm volatile("invpcid %0, %1" ::"m"(descriptor), "r"(type) : "memory");
}

}  // namespace frame::x86_64
