// SPDX-License-Identifier: GPL-2.0-only
#include "frame/x86_64/fpu.hpp"

#include <cstddef>
#include <cstring>

#include <abi/abi.hpp>
#include <frame/detail/backend.hpp>

#include "frame/x86_64/cpu.hpp"
#include "frame/x86_64/features.hpp"

namespace frame::x86_64 {
namespace {

using namespace abi::config;

/// Components saved and restored, as EDX:EAX of XSAVE and XRSTOR take them.
constexpr auto components_low = static_cast<std::uint32_t>(xsave_feature_set);
constexpr auto components_high = static_cast<std::uint32_t>(xsave_feature_set >> 32);

/// Fields of the save area (Intel SDM vol. 1, 10.5.1 and 13.4).
constexpr std::size_t fcw_offset = 0;
constexpr std::size_t mxcsr_offset = 24;
constexpr std::size_t xcomp_bv_offset = 520;
constexpr std::uint16_t initial_fcw = 0x037f;
constexpr std::uint32_t initial_mxcsr = 0x1f80;
constexpr std::uint64_t compacted = std::uint64_t{1} << 63;

[[maybe_unused]] boot::Result<void> start_xsave() {
    if ((features().xsave_components & xsave_feature_set) != xsave_feature_set) {
        return boot::failure("FPU: the preset saves the XSAVE components ", hex(xsave_feature_set),
                             ", this processor has ", hex(features().xsave_components),
                             "; use another processor (QEMU: -cpu) or preset");
    }
    write_cr4(read_cr4() | cr4::os_xsave);
    // SAFETY: the components exist; bits 0 and 1 are set by every configuration.
    asm volatile("xsetbv" ::"c"(0), "a"(components_low), "d"(components_high));
    const std::uint32_t size = cpuid(0xd, 0).ebx;
    if (size > xsave_size) {
        return boot::failure("FPU: the XSAVE components ", hex(xsave_feature_set), " need ", size,
                             " bytes, CONFIG_XSAVE_SIZE is ", xsave_size, "; set it to ", size);
    }
    const bool has_variant = (!xsave_xsaveopt || features().xsaveopt) && (!xsave_xsavec || features().xsavec) &&
                             (!xsave_xsaves || features().xsaves);
    if (!has_variant) {
        return boot::failure("FPU: the preset uses ", kernel_xsave,
                             ", which this processor lacks (CPUID 0dh, subleaf 1); use another "
                             "processor (QEMU: -cpu) or preset");
    }
    return {};
}

}  // namespace

boot::Result<void> start_fpu() {
    // CR4.OSXMMEXCPT stays clear as on seL4, so unmasked SIMD exceptions arrive as invalid opcodes (Intel SDM vol. 3A,
    // 2.5): programs see the same fault number.
    write_cr4(read_cr4() | cr4::os_fxsr);
    write_cr0((read_cr0() & ~cr0::extension_type) | cr0::monitor_coprocessor | cr0::numeric_error);
    if constexpr (xsave) {
        if (auto started = start_xsave(); !started) {
            return started;
        }
    }
    backend::disable_fpu();
    return {};
}

}  // namespace frame::x86_64

namespace frame {

/// The frame's access to the bytes of a save area.
struct FpuAccess {
    static std::byte* bytes(FpuArea& area) { return area.bytes_.data(); }
};

namespace backend {

// SAFETY of the assembly below: operand 0 is a whole save area, 64-byte aligned, of the size that start_fpu checked
// against the processor; FPU instructions are enabled. Areas are written only here, so XRSTOR finds a valid header.

void save_fpu(FpuArea& area) {
    [[maybe_unused]] constexpr auto low = x86_64::components_low;
    [[maybe_unused]] constexpr auto high = x86_64::components_high;
    if constexpr (!abi::config::xsave) {
        asm volatile("fxsaveq %0" : "=m"(area));
    } else if constexpr (abi::config::xsave_xsaves) {
        asm volatile("xsaves64 %0" : "=m"(area) : "a"(low), "d"(high));
    } else if constexpr (abi::config::xsave_xsavec) {
        asm volatile("xsavec64 %0" : "=m"(area) : "a"(low), "d"(high));
    } else if (x86_64::features().xsaveopt) {
        asm volatile("xsaveopt64 %0" : "+m"(area) : "a"(low), "d"(high));  // leaves out what has not changed
    } else {
        asm volatile("xsave64 %0" : "+m"(area) : "a"(low), "d"(high));  // keeps the rest of the header
    }
}

void load_fpu(const FpuArea& area) {
    [[maybe_unused]] constexpr auto low = x86_64::components_low;
    [[maybe_unused]] constexpr auto high = x86_64::components_high;
    if constexpr (!abi::config::xsave) {
        asm volatile("fxrstorq %0" ::"m"(area));
    } else if constexpr (abi::config::xsave_xsaves) {
        asm volatile("xrstors64 %0" ::"m"(area), "a"(low), "d"(high));
    } else {
        asm volatile("xrstor64 %0" ::"m"(area), "a"(low), "d"(high));
    }
}

void enable_fpu() {
    // SAFETY: clears CR0.TS.
    asm volatile("clts" ::: "memory");
}

void disable_fpu() { x86_64::write_cr0(x86_64::read_cr0() | x86_64::cr0::task_switched); }

void initialise_fpu(FpuArea& area) {
    std::byte* const bytes = FpuAccess::bytes(area);
    // SAFETY: all offsets lie within the area: its legacy part has 512 bytes, and with XSAVE a header of 64 follows. The
    // area is zero, which in the header means that every component is in its initial state.
    std::memcpy(bytes + x86_64::fcw_offset, &x86_64::initial_fcw, sizeof(x86_64::initial_fcw));
    std::memcpy(bytes + x86_64::mxcsr_offset, &x86_64::initial_mxcsr, sizeof(x86_64::initial_mxcsr));
    if constexpr (abi::config::xsave_xsaves || abi::config::xsave_xsavec) {
        const std::uint64_t format = x86_64::compacted | abi::config::xsave_feature_set;
        std::memcpy(bytes + x86_64::xcomp_bv_offset, &format, sizeof(format));
    }
}

}  // namespace backend
}  // namespace frame
