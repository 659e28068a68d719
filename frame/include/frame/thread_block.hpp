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
class alignas(64) FpuArea {
public:
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
    TcbLinks links;
    SlotArray<tcb_slot_count> slots;
    DebugState debug;

    [[nodiscard]] SlotRef slot(const Phase& phase [[clang::lifetimebound]], TcbSlot which) {
        return slots.at(phase, static_cast<std::size_t>(which));
    }
};

/// Puts the capability that replies to `caller` derive from (seL4 manual, 4.2.4) into the thread's own slot for it, which
/// is empty.
void insert_reply_master(const Phase& phase, Ref<kernel::Tcb> caller);

}  // namespace frame

#include <frame/detail/links.ipp>
