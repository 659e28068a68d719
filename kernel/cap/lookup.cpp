// SPDX-License-Identifier: GPL-2.0-only
#include "kernel/cap/lookup.hpp"

namespace kernel {

namespace {
constexpr std::uint64_t word_bits = 64;
}

std::expected<ResolvedSlot, LookupFault> resolve(const frame::Phase& phase, const frame::Capability& root,
                                                 std::uint64_t address, std::uint64_t depth) {
    std::optional<frame::CNodeCap> node = root.as<frame::CNodeCap>();
    if (!node) {
        return std::unexpected{LookupFault::invalid_root()};
    }
    std::uint64_t bits_left = depth;
    // Every round uses up at least one bit: CNodes have at least two slots.
    while (true) {
        const std::uint64_t guard_size = node->guard_size();
        const std::uint64_t guard =
            guard_size > bits_left ? 0
                                   : frame::shift_right(address, bits_left - guard_size) & frame::low_mask(guard_size);
        if (guard_size > bits_left || guard != node->guard()) {
            return std::unexpected{LookupFault::guard_mismatch(bits_left, node->guard(), guard_size)};
        }
        const std::uint64_t level_bits = guard_size + node->radix();
        if (level_bits > bits_left) {
            return std::unexpected{LookupFault::depth_mismatch(bits_left, level_bits)};
        }
        bits_left -= level_bits;
        const std::uint64_t index = frame::shift_right(address, bits_left) & frame::low_mask(node->radix());
        const frame::SlotRef slot = frame::cnode_slot(phase, *node, index);
        if (bits_left == 0) {
            return ResolvedSlot{slot, 0};
        }
        node = slot.capability().as<frame::CNodeCap>();
        if (!node) {
            return ResolvedSlot{slot, bits_left};
        }
    }
}

std::expected<frame::SlotRef, LookupFault> lookup_slot(const frame::Phase& phase, frame::Ref<Tcb> tcb,
                                                       std::uint64_t address) {
    const frame::Capability root = tcb->slot(phase, frame::TcbSlot::cspace).capability();
    const std::expected<ResolvedSlot, LookupFault> resolved = resolve(phase, root, address, word_bits);
    if (!resolved) {
        return std::unexpected{resolved.error()};
    }
    return resolved->slot();
}

Result<frame::SlotRef> lookup_operand(const frame::Phase& phase, const frame::Capability& root, std::uint64_t index,
                                      std::uint64_t depth, Side side) {
    const bool in_source = side == Side::source;
    if (!root.is<frame::CNodeCap>()) {
        return error::failed_lookup(in_source, LookupFault::invalid_root());
    }
    if (depth < 1 || depth > word_bits) {
        return error::range(1, word_bits);
    }
    const std::expected<ResolvedSlot, LookupFault> resolved = resolve(phase, root, index, depth);
    if (!resolved) {
        return error::failed_lookup(in_source, resolved.error());
    }
    if (resolved->bits_left() != 0) {
        return error::failed_lookup(in_source, LookupFault::depth_mismatch(resolved->bits_left(), 0));
    }
    return resolved->slot();
}

}  // namespace kernel
