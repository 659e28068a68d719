// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>

#include "frame/boot/boot_error.hpp"

namespace frame::x86_64 {

/// What this processor can do, read once at boot (Intel SDM vol. 2A, CPUID; AMD APM vol. 3, appendix E).
struct Features {
    bool syscall = false;
    bool global_pages = false;
    bool huge_pages = false;
    bool page_attribute_table = false;
    bool fxsave = false;
    bool xsave = false;
    bool xsaveopt = false;
    bool xsavec = false;
    bool xsaves = false;
    bool smep = false;
    bool smap = false;
    bool fsgsbase = false;
    /// Process-context identifiers with INVPCID; what has the first without the second is treated as if it had neither.
    bool process_contexts = false;
    bool machine_check = false;
    bool local_apic = false;
    bool x2apic = false;
    bool performance_counters_user = false;
    /// User mode may read, speculatively, whatever is mapped ("Meltdown"): the kernel must not be.
    bool needs_isolation = false;
    /// Breakpoints may watch eight bytes.
    bool eight_byte_breakpoints = false;
    std::uint64_t xsave_components = 0;
    /// Greatest basic leaf, and greatest leaf of a hypervisor or 0.
    std::uint32_t greatest_leaf = 0;
    std::uint32_t greatest_hypervisor_leaf = 0;
};

/// Reads the features. Fails if the processor lacks one that the kernel or its configuration cannot do without; the
/// message names it. Long mode and NX were checked before paging (boot.S).
[[nodiscard]] boot::Result<void> detect_features();

/// Which of them the kernel uses, for the console, after `choose_roots`: "page-table isolation on, PCID off, ...".
[[nodiscard]] Text<120> describe_adaptations();

/// The features of the processor that booted, after `detect_features`.
[[nodiscard]] const Features& features();

}  // namespace frame::x86_64
