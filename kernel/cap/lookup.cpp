// SPDX-License-Identifier: GPL-2.0-only
#include "kernel/cap/lookup.hpp"

namespace kernel {

namespace {
constexpr std::uint64_t word_bits = 64;

/// The slot that the `depth` low bits of a capability address lead to from a CNode on, and how many of them were left over;
/// nothing if they lead nowhere.
std::optional<ResolvedSlot> find(const frame::Phase& phase [[clang::lifetimebound]], const frame::CNodeCap& root,
                                 std::uint64_t address, std::uint64_t depth) {
    frame::CNodeCap node = root;
    std::uint64_t bits_left = depth;
    std::uint64_t rest = frame::shift_left(address, word_bits - depth);  // bits not yet used up, from the top
    // Every round uses up at least one bit: CNodes have at least two slots.
    while (true) {
        const std::uint64_t level_bits = node.level_bits();
        if (level_bits > bits_left) {
            return std::nullopt;
        }
        const std::optional<frame::SlotRef> slot =
            frame::slot_behind_guard(phase, node, rest >> (word_bits - level_bits));
        if (!slot) {
            return std::nullopt;
        }
        bits_left -= level_bits;
        if (bits_left == 0) {
            return ResolvedSlot{*slot, 0};
        }
        rest <<= level_bits;
        const std::optional<frame::CNodeCap> below = slot->capability().as<frame::CNodeCap>();
        if (!below) {
            return ResolvedSlot{*slot, bits_left};
        }
        node = *below;
    }
}

/// Why an address led nowhere. `find` goes the same way.
[[gnu::noinline]] LookupFault explain(const frame::Phase& phase, const frame::Capability& root, std::uint64_t address,
                                      std::uint64_t depth) {
    std::optional<frame::CNodeCap> node = root.as<frame::CNodeCap>();
    std::uint64_t bits_left = depth;
    while (node) {
        const std::uint64_t guard_size = node->guard_size();
        const std::uint64_t guard =
            guard_size > bits_left ? 0
                                   : frame::shift_right(address, bits_left - guard_size) & frame::low_mask(guard_size);
        if (guard_size > bits_left || guard != node->guard()) {
            return LookupFault::guard_mismatch(bits_left, node->guard(), guard_size);
        }
        const std::uint64_t level_bits = guard_size + node->radix();
        if (level_bits > bits_left) {
            return LookupFault::depth_mismatch(bits_left, level_bits);
        }
        bits_left -= level_bits;
        const std::uint64_t index = frame::shift_right(address, bits_left) & frame::low_mask(node->radix());
        node = frame::cnode_slot(phase, *node, index).capability().as<frame::CNodeCap>();
    }
    return LookupFault::invalid_root();
}

}  // namespace

std::expected<ResolvedSlot, LookupFault> resolve(const frame::Phase& phase, const frame::Capability& root,
                                                 std::uint64_t address, std::uint64_t depth) {
    const std::optional<frame::CNodeCap> node = root.as<frame::CNodeCap>();
    const std::optional<ResolvedSlot> found = node ? find(phase, *node, address, depth) : std::nullopt;
    if (!found) {
        return std::unexpected{explain(phase, root, address, depth)};
    }
    return *found;
}

[[gnu::noinline]] std::optional<frame::SlotRef> find_slot_anywhere(const frame::Phase& phase, frame::Ref<Tcb> tcb,
                                                                   std::uint64_t address) {
    const std::optional<frame::CNodeCap> node =
        tcb->slot(phase, frame::TcbSlot::cspace).capability().as<frame::CNodeCap>();
    if (!node) {
        return std::nullopt;
    }
    const std::optional<ResolvedSlot> found = find(phase, *node, address, word_bits);
    return found ? std::optional{found->slot()} : std::nullopt;
}

[[gnu::noinline]] std::optional<frame::SlotRef> find_called_slot_anywhere(const frame::Phase& phase,
                                                                          frame::Ref<Tcb> tcb) {
    return find_slot_anywhere(phase, tcb, tcb->context().get<call_register::capability>());
}

std::expected<frame::SlotRef, LookupFault> lookup_slot(const frame::Phase& phase, frame::Ref<Tcb> tcb,
                                                       std::uint64_t address) {
    const std::optional<frame::SlotRef> found = find_slot(phase, tcb, address);
    if (!found) {
        return std::unexpected{
            explain(phase, tcb->slot(phase, frame::TcbSlot::cspace).capability(), address, word_bits)};
    }
    return *found;
}

Result<frame::SlotRef> lookup_operand(const frame::Phase& phase, const frame::Capability& root, std::uint64_t index,
                                      std::uint64_t depth, Side side) {
    const bool in_source = side == Side::source;
    if (depth == word_bits && frame::CNodeCap::is_whole_space(root)) {
        if (const std::optional<frame::SlotRef> slot = frame::slot_in_whole_space(phase, root, index)) {
            return *slot;
        }
    }
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
