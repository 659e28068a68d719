// SPDX-License-Identifier: GPL-2.0-only
#include "frame/x86_64/core_setup.hpp"

#include <cstdint>

#include <abi/abi.hpp>

#include "frame/x86_64/cpu.hpp"
#include "frame/x86_64/debug_registers.hpp"
#include "frame/x86_64/descriptor_tables.hpp"
#include "frame/x86_64/features.hpp"
#include "frame/x86_64/per_core.hpp"

// SAFETY: defined in entry.S; only their addresses are used.
extern "C" {
extern const char frame_syscall_entry[];
extern const char frame_syscall_entry_isolated[];
}

namespace frame::x86_64 {
namespace {

/// Memory types by page table bits PAT, PCD, PWT: entries 0 to 3 as after reset, entry 4 write-combining, the others as
/// after reset (Intel SDM vol. 3A, 11.12). seL4's choice: user mappings name these entries.
constexpr std::uint64_t page_attributes = 0x0007'0401'0007'0406;

/// What SYSCALL clears: interrupts and single steps off; DF, AC and NT as C++ and IRETQ need them; no I/O privilege.
constexpr std::uint64_t cleared_by_syscall = rflags::trap | rflags::interrupt | rflags::direction |
                                             rflags::io_privilege | rflags::nested_task | rflags::alignment_check;

}  // namespace

void set_up_core() {
    std::uint64_t control = read_cr4();
    if (features().machine_check) {
        control |= cr4::machine_check_enable;
    }
    if (features().smep) {
        control |= cr4::smep;
    }
    if (features().smap) {
        control |= cr4::smap;  // the kernel reaches user memory through its window only
    }
    if constexpr (abi::config::fsgsbase_inst) {
        control |= cr4::fsgsbase;
    }
    if constexpr (abi::config::export_pmc_user) {
        control |= cr4::performance_counter_enable;
    }
    // CR4.TSD stays clear: user programs may read the time-stamp counter.
    write_cr4(control);
    // SAFETY: entries 0 to 3, the only ones that the kernel's own mappings use, keep their meaning.
    write_msr(Msr::pat, page_attributes);
    const char* const entry = is_isolated() ? frame_syscall_entry_isolated : frame_syscall_entry;
    // SAFETY: the target of SYSCALL is the entry stub of the kind that the tables need; the selectors are those of the GDT.
    write_msr(Msr::lstar, reinterpret_cast<std::uint64_t>(entry));
    write_msr(Msr::star, (std::uint64_t{selector::kernel_code} << 32) | (std::uint64_t{selector::sysret_base} << 48));
    write_msr(Msr::fmask, cleared_by_syscall);
    clear_debug_registers();
    // Without a code segment SYSENTER faults in user mode. 32-bit programs, which would use IA32_CSTAR, cannot exist: the
    // GDT has no segment for them.
    write_msr(Msr::sysenter_cs, 0);
}

}  // namespace frame::x86_64
