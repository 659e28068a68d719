// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstddef>
#include <cstdint>

#include <frame/cap/vspace.hpp>
#include <frame/user_context.hpp>

#include "frame/x86_64/roots.hpp"

namespace frame::x86_64 {

/// The 64-bit task state segment (Intel SDM vol. 3A, 8.7): stacks for entries into the kernel.
struct [[gnu::packed]] TaskStateSegment {
    std::uint32_t reserved0;
    std::uint64_t rsp[3];
    std::uint64_t reserved1;
    /// ist[0] is IST1.
    std::uint64_t ist[7];
    std::uint64_t reserved2;
    std::uint16_t reserved3;
    /// Beyond the segment's limit: no I/O permission bitmap, so IN and OUT fault in user mode.
    std::uint16_t io_map_base;
};
static_assert(sizeof(TaskStateSegment) == 0x68);

/// What belongs to one core and is reached from the entry stubs; part of the gate (kernel_window.cpp), so it holds no
/// secrets. One core: the object `frame_core_local`, addressed absolutely. More cores: one object each, found through GS;
/// the functions below are the only other users. What every entry and exit touches is in the first 64 bytes, one cache
/// line: up to TSS.RSP0.
struct alignas(64) CoreLocal {
    /// The current thread's interrupt frame in its UserContext (next_ip); the idle frame's if there is none.
    std::uint64_t* registers_frame;
    /// Vector of an interrupt that arrived in the kernel: in idle or in frame_poll_interrupt. 0: none.
    std::uint32_t pending_vector;
    Roots roots;
    /// 4-byte aligned so that the 8-byte fields inside the packed segment are naturally aligned.
    alignas(8) std::uint32_t tss_padding;
    TaskStateSegment tss;
    alignas(16) std::uint64_t gdt[9];
};

// SAFETY: C linkage because entry.S names it.
extern "C" constinit CoreLocal frame_core_local;

[[nodiscard]] inline CoreLocal& this_core() { return frame_core_local; }

/// Whether user mode runs on tables of its own, which show no more of the kernel than the gate.
[[nodiscard]] inline bool is_isolated() { return this_core().roots.is_isolated(); }

/// True if the current thread is not a thread: the core idles when it leaves the kernel.
[[nodiscard]] bool is_idle();

/// The registers of the current thread. Only if there is one.
[[nodiscard]] const UserContext& current_context();

}  // namespace frame::x86_64
