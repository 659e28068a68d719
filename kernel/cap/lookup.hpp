// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <expected>
#include <optional>

#include <frame/slot.hpp>
#include "kernel/api/error.hpp"
#include "kernel/object/call_register.hpp"
#include "kernel/object/tcb.hpp"

namespace kernel {

/// A resolved capability address: the slot, and how many address bits were left over at it.
class [[gsl::Pointer]] ResolvedSlot {
public:
    ResolvedSlot(frame::SlotRef slot [[clang::lifetimebound]], std::uint64_t bits_left)
        : slot_{slot},
          bits_left_{bits_left} {}
    [[nodiscard]] frame::SlotRef slot() const [[clang::lifetimebound]] { return slot_; }
    [[nodiscard]] std::uint64_t bits_left() const { return bits_left_; }

private:
    frame::SlotRef slot_;
    std::uint64_t bits_left_ = 0;
};

/// Resolves the `depth` low bits of a capability address from the CNode capability `root` on, through guards and CNodes,
/// as far as CNodes lead (seL4 manual, 3.3). Bits may be left over where something else than a CNode was found.
[[nodiscard]] std::expected<ResolvedSlot, LookupFault> resolve(const frame::Phase& phase [[clang::lifetimebound]],
                                                               const frame::Capability& root, std::uint64_t address,
                                                               std::uint64_t depth);

/// `find_slot` for any CSpace, through any number of CNodes.
[[nodiscard]] std::optional<frame::SlotRef> find_slot_anywhere(const frame::Phase& phase [[clang::lifetimebound]],
                                                               frame::Ref<Tcb> tcb, std::uint64_t address);

/// The slot at a capability address in a thread's CSpace, all 64 bits of it resolved as far as CNodes lead; nothing if it
/// leads nowhere (`lookup_slot` says why).
[[nodiscard]] inline std::optional<frame::SlotRef> find_slot(const frame::Phase& phase [[clang::lifetimebound]],
                                                             frame::Ref<Tcb> tcb, std::uint64_t address) {
    const frame::Capability root = tcb->slot(phase, frame::TcbSlot::cspace).capability();
    if (frame::CNodeCap::is_whole_space(root)) {
        if (const std::optional<frame::SlotRef> slot = frame::slot_in_whole_space(phase, root, address)) {
            return slot;
        }
    }
    return find_slot_anywhere(phase, tcb, address);
}

/// `find_slot` of the address that a thread passed with its system call. Apart, so that the address is read where it is
/// needed, and takes no register on the way of those that end in a fast path.
[[nodiscard]] std::optional<frame::SlotRef> find_called_slot_anywhere(const frame::Phase& phase
                                                                      [[clang::lifetimebound]],
                                                                      frame::Ref<Tcb> tcb);
[[nodiscard]] inline std::optional<frame::SlotRef> find_called_slot(const frame::Phase& phase [[clang::lifetimebound]],
                                                                    frame::Ref<Tcb> tcb) {
    const frame::Capability root = tcb->slot(phase, frame::TcbSlot::cspace).capability();
    if (frame::CNodeCap::is_whole_space(root)) {
        if (const std::optional<frame::SlotRef> slot =
                frame::slot_in_whole_space(phase, root, tcb->context().get<call_register::capability>())) {
            return slot;
        }
    }
    return find_called_slot_anywhere(phase, tcb);
}

/// The same, with the reason if it leads nowhere.
[[nodiscard]] std::expected<frame::SlotRef, LookupFault> lookup_slot(const frame::Phase& phase [[clang::lifetimebound]],
                                                                     frame::Ref<Tcb> tcb, std::uint64_t address);

/// Which CSpace of a CNode operation an error is about.
enum class Side : std::uint8_t { destination, source };

/// The slot that a CNode operation names by root, index and depth; the depth must be used up exactly (seL4 manual, 3.3.3).
[[nodiscard]] Result<frame::SlotRef> lookup_operand(const frame::Phase& phase [[clang::lifetimebound]],
                                                    const frame::Capability& root, std::uint64_t index,
                                                    std::uint64_t depth, Side side);

}  // namespace kernel
