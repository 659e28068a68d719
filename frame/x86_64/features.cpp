// SPDX-License-Identifier: GPL-2.0-only
#include "frame/x86_64/features.hpp"

#include <array>

#include <abi/abi.hpp>

#include "frame/x86_64/cpu.hpp"
#include "frame/x86_64/per_core.hpp"

namespace frame::x86_64 {
namespace {

constinit Features booted{};

constexpr bool has(std::uint32_t word, unsigned bit) { return ((word >> bit) & 1) != 0; }

/// Whether DR7's length 2 means eight bytes: undefined on processors that are not in Intel's list (SDM vol. 3B, 17.2.4,
/// note). seL4 goes by the same list, whoever made the processor, and so do its programs.
bool has_eight_byte_breakpoints(const CpuidResult& zero, std::uint32_t signature) {
    constexpr std::uint32_t amd_name_end = 0x444d'4163;  // "cAMD"
    const std::uint32_t base_family = (signature >> 8) & 0xf;
    const std::uint32_t base_model = (signature >> 4) & 0xf;
    const std::uint32_t extended_model = base_model | ((signature >> 12) & 0xf0);
    const std::uint32_t family = base_family == 0xf ? 0xf + ((signature >> 20) & 0xff) : base_family;
    const bool is_amd = zero.ecx == amd_name_end;
    const bool is_extended = is_amd ? base_family == 0xf : family == 6 || family == 0xf;
    const std::uint32_t model = is_extended ? extended_model : base_model;
    return (family == 0xf && (model == 3 || model == 4 || model == 6)) ||
           (family == 6 && (model == 15 || model == 23 || model == 28));
}

boot::Result<void> require(bool present, std::string_view what, std::string_view where, std::string_view why) {
    if (present) {
        return {};
    }
    return boot::failure("this processor has no ", what, " (", where, "), which ", why,
                         "; use another processor (QEMU: -cpu) or preset");
}

/// AMD's processors check the page's privilege before they forward its data; Intel's newer ones say that they do
/// (Intel SDM vol. 4, IA32_ARCH_CAPABILITIES.RDCL_NO). All others are assumed not to.
bool loads_forbidden_data(const CpuidResult& basic, const CpuidResult& seven) {
    constexpr CpuidResult amd{.eax = 0, .ebx = 0x6874'7541, .ecx = 0x444d'4163, .edx = 0x6974'6e65};    // AuthenticAMD
    constexpr CpuidResult hygon{.eax = 0, .ebx = 0x6f67'7948, .ecx = 0x656e'6975, .edx = 0x6e65'476e};  // HygonGenuine
    for (const CpuidResult& vendor : {amd, hygon}) {
        if (basic.ebx == vendor.ebx && basic.ecx == vendor.ecx && basic.edx == vendor.edx) {
            return false;
        }
    }
    constexpr std::uint64_t rdcl_no = 1;
    return !has(seven.edx, 29) || (read_msr(Msr::arch_capabilities) & rdcl_no) == 0;
}

}  // namespace

const Features& features() { return booted; }

Text<120> describe_adaptations() {
    struct Adaptation {
        std::string_view name;
        bool is_used;
    };
    const Roots& roots = this_core().roots;
    const std::array adaptations{Adaptation{"page-table isolation", roots.is_isolated()},
                                 Adaptation{", PCID", roots.is_tagged()}, Adaptation{", SMEP", booted.smep},
                                 Adaptation{", SMAP", booted.smap}, Adaptation{", 1 GiB pages", booted.huge_pages}};
    Text<120> text;
    for (const Adaptation& adaptation : adaptations) {
        text.add(adaptation.name, adaptation.is_used ? std::string_view{" on"} : std::string_view{" off"});
    }
    return text;
}

boot::Result<void> detect_features() {
    Features& features = booted;
    const CpuidResult basic = cpuid(0);
    features.greatest_leaf = basic.eax;
    const CpuidResult one = cpuid(1);
    const CpuidResult extended = cpuid(0x8000'0001);
    const CpuidResult seven = basic.eax >= 7 ? cpuid(7) : CpuidResult{};
    features.eight_byte_breakpoints = has_eight_byte_breakpoints(basic, one.eax);
    features.syscall = has(extended.edx, 11);
    features.huge_pages = has(extended.edx, 26);
    features.global_pages = has(one.edx, 13);
    features.page_attribute_table = has(one.edx, 16);
    features.fxsave = has(one.edx, 24);
    features.local_apic = has(one.edx, 9);
    features.machine_check = has(one.edx, 7) && has(one.edx, 14);
    features.x2apic = has(one.ecx, 21);
    features.xsave = has(one.ecx, 26);
    features.fsgsbase = has(seven.ebx, 0);
    features.process_contexts = has(one.ecx, 17) && has(seven.ebx, 10);
    features.smep = has(seven.ebx, 7);
    features.smap = has(seven.ebx, 20);
    features.needs_isolation = loads_forbidden_data(basic, seven);
    if (features.xsave && basic.eax >= 0xd) {
        const CpuidResult components = cpuid(0xd, 0);
        const CpuidResult variants = cpuid(0xd, 1);
        features.xsave_components = (std::uint64_t{components.edx} << 32) | components.eax;
        features.xsaveopt = has(variants.eax, 0);
        features.xsavec = has(variants.eax, 1);
        features.xsaves = has(variants.eax, 3);
    }
    if (has(one.ecx, 31)) {
        features.greatest_hypervisor_leaf = cpuid(0x4000'0000).eax;
    }

    using abi::config::fsgsbase_inst;
    constexpr std::string_view kernel_needs = "the kernel needs";
    constexpr std::string_view preset_needs = "this preset needs";
    auto met = require(features.syscall, "SYSCALL", "CPUID 80000001h, EDX bit 11", kernel_needs);
    if (met) {
        met = require(features.local_apic, "local APIC", "CPUID 1, EDX bit 9", kernel_needs);
    }
    if (met) {
        met = require(features.page_attribute_table, "page attribute table", "CPUID 1, EDX bit 16", kernel_needs);
    }
    if (met) {
        met = require(features.fxsave, "FXSAVE", "CPUID 1, EDX bit 24", kernel_needs);
    }
    if (met && fsgsbase_inst) {
        met = require(features.fsgsbase, "RDFSBASE and WRFSBASE", "CPUID 7, EBX bit 0", preset_needs);
    }
    if (met && abi::config::xsave) {
        met = require(features.xsave, "XSAVE", "CPUID 1, ECX bit 26", preset_needs);
    }
    return met;
}

}  // namespace frame::x86_64
