// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <array>
#include <cstddef>

#include <abi/abi.hpp>
#include <frame/debug_state.hpp>
#include <frame/links.hpp>
#include <frame/slot.hpp>
#include <frame/user_context.hpp>

namespace frame {

/// Memory for the x87, SSE and, with XSAVE, further extended state of one thread (Intel SDM vol. 1, 10.5 and 13.4).
/// Only the frame reads or writes it.
class FpuArea {
public:
    /// What XSAVE demands of its address.
    static constexpr std::size_t alignment = 64;
    static constexpr std::size_t size = abi::config::xsave ? abi::config::xsave_size : 512;

private:
    friend struct FpuAccess;
    std::array<std::byte, size> bytes_{};
};

/// The frame's part of a TCB, always its first member: what entry and exit, queues and death have to find.
struct ThreadBlock {
    constexpr explicit ThreadBlock(const Birth& birth) : slots{birth} {}

    UserContext context;
    FpuArea fpu;
    DebugState debug;
    TcbLinks links;
    // Last, so that slots share cache lines with what the kernel has behind this: a message looks at both.
    SlotArray<tcb_slot_count> slots;

    [[nodiscard]] SlotRef slot(const Phase& phase [[clang::lifetimebound]], TcbSlot which) {
        return slots.at(phase, static_cast<std::size_t>(which));
    }
};

// TCBs lie at multiples of their size, and begin with this.
static_assert(offsetof(ThreadBlock, fpu) % FpuArea::alignment == 0);
static_assert(offsetof(ThreadBlock, slots) % sizeof(Slot) == 0 && sizeof(ThreadBlock) % sizeof(Slot) == 0,
              "no slot lies in two cache lines");

/// Puts the capability that replies to `caller` derive from (seL4 manual, 4.2.4) into the thread's own slot for it, which
/// is empty.
void insert_reply_master(const Phase& phase, Ref<kernel::Tcb> caller);

}  // namespace frame

#include <frame/detail/links.ipp>
