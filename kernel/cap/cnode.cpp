// SPDX-License-Identifier: GPL-2.0-only
#include "kernel/cap/cnode.hpp"

#include <utility>

#include "kernel/cap/deletion.hpp"
#include "kernel/cap/derive.hpp"
#include "kernel/cap/lookup.hpp"
#include "kernel/cap/rotate.hpp"
#include "kernel/ipc/endpoint.hpp"

namespace kernel {

namespace {

/// The slot that a copying or moving operation takes from, which must hold something.
Result<frame::SlotRef> source_slot(const frame::Phase& phase [[clang::lifetimebound]], const Invocation& invocation,
                                   frame::SlotRef root) {
    using Args = abi::args::cnode_copy;  // Copy, Mint, Move and Mutate place these words alike
    const std::uint64_t depth = invocation.argument(Args::src_depth);
    const Result<frame::SlotRef> slot =
        lookup_operand(phase, root.capability(), invocation.argument(Args::src_index), depth, Side::source);
    if (slot && slot->is_empty()) {
        return error::failed_lookup(true, LookupFault::missing_capability(depth));
    }
    return slot;
}

Outcome insert(const frame::Phase& phase, const Invocation& invocation, frame::SlotRef source,
               frame::SlotRef destination, const frame::Capability& wanted) {
    const Result<frame::Capability> derived = derive_capability(source, wanted);
    if (!derived) {
        return std::unexpected{derived.error()};
    }
    if (derived->is_null()) {
        return error::illegal_operation();
    }
    invocation.commit(phase);
    destination.insert_copy(source, *derived);
    return Done{};
}

Outcome move(const frame::Phase& phase, const Invocation& invocation, frame::SlotRef source, frame::SlotRef destination,
             const frame::Capability& moved) {
    if (moved.is_null()) {
        return error::illegal_operation();
    }
    invocation.commit(phase);
    destination.move_from(source, moved);
    return Done{};
}

/// Copy, Mint, Move and Mutate: from a slot of the CSpace at `root` to the invoked CNode.
Outcome transfer_capability(const frame::Phase& phase, const Invocation& invocation, abi::InvocationLabel label,
                            frame::SlotRef destination) {
    const std::optional<frame::SlotRef> root = invocation.extra_cap(abi::args::cnode_move::caps::src_root);
    if (invocation.length() < abi::args::cnode_move::length || !root) {
        return error::truncated_message();
    }
    if (!destination.is_empty()) {
        return error::delete_first();
    }
    const Result<frame::SlotRef> source = source_slot(phase, invocation, *root);
    if (!source) {
        return std::unexpected{source.error()};
    }
    const frame::Capability cap = source->capability();
    if (label == abi::InvocationLabel::CNodeMove) {
        return move(phase, invocation, *source, destination, cap);
    }
    if (label == abi::InvocationLabel::CNodeMutate) {
        if (invocation.length() < abi::args::cnode_mutate::length) {
            return error::truncated_message();
        }
        const std::uint64_t data = invocation.argument(abi::args::cnode_mutate::badge);
        return move(phase, invocation, *source, destination, update_data(cap, data, true));
    }
    const bool is_mint = label == abi::InvocationLabel::CNodeMint;
    if (invocation.length() < (is_mint ? abi::args::cnode_mint::length : abi::args::cnode_copy::length)) {
        return error::truncated_message();
    }
    const frame::Rights rights = rights_from_word(invocation.argument(abi::args::cnode_copy::rights));
    const frame::Capability masked = mask_rights(cap, rights);
    if (!is_mint) {
        return insert(phase, invocation, *source, destination, masked);
    }
    const std::uint64_t data = invocation.argument(abi::args::cnode_mint::badge);
    return insert(phase, invocation, *source, destination, update_data(masked, data, false));
}

Outcome save_caller(const frame::Phase& phase, const Invocation& invocation, frame::SlotRef destination) {
    if (!destination.is_empty()) {
        return error::delete_first();
    }
    invocation.commit(phase);
    const frame::SlotRef caller = invocation.caller()->slot(phase, frame::TcbSlot::caller);
    if (!caller.is_empty()) {
        destination.move_from(caller, caller.capability());
    }
    return Done{};
}

Outcome cancel_badged_sends(const frame::Phase& phase, const Invocation& invocation, frame::SlotRef slot) {
    const std::optional<frame::EndpointCap> cap = slot.capability().as<frame::EndpointCap>();
    if (!cap || !cap->can_send() || !cap->can_receive() || !cap->can_grant() || !cap->can_grant_reply()) {
        return error::illegal_operation();
    }
    invocation.commit(phase);
    if (cap->badge() != frame::no_badge) {
        cancel_badged(phase, cap->endpoint(phase), cap->badge());
    }
    return Done{};
}

}  // namespace

Outcome invoke_cnode(frame::Phase&& phase, const Invocation& invocation) {
    const std::optional<abi::InvocationLabel> label = invocation.label();
    if (!label || !is_cnode_label(*label)) {
        return error::illegal_operation();
    }
    if (invocation.length() < abi::args::cnode_delete::length) {
        return error::truncated_message();
    }
    const Result<frame::SlotRef> slot =
        lookup_operand(phase, invocation.slot().capability(), invocation.argument(abi::args::cnode_delete::index),
                       invocation.argument(abi::args::cnode_delete::depth), Side::destination);
    if (!slot) {
        return std::unexpected{slot.error()};
    }
    if (label == abi::InvocationLabel::CNodeRevoke) {
        invocation.commit(phase);
        const frame::SlotLocation place = slot->location();
        return to_outcome(revoke_capability(std::move(phase), place));
    }
    if (label == abi::InvocationLabel::CNodeDelete) {
        invocation.commit(phase);
        const frame::SlotLocation place = slot->location();
        return to_outcome(delete_capability(std::move(phase), place));
    }
    if (label == abi::InvocationLabel::CNodeSaveCaller) {
        return save_caller(phase, invocation, *slot);
    }
    if (label == abi::InvocationLabel::CNodeCancelBadgedSends) {
        return cancel_badged_sends(phase, invocation, *slot);
    }
    if (label == abi::InvocationLabel::CNodeRotate) {
        return rotate(phase, invocation, *slot);
    }
    return transfer_capability(phase, invocation, *label, *slot);
}

bool is_cnode_label(abi::InvocationLabel label) {
    return label == abi::InvocationLabel::CNodeRevoke || label == abi::InvocationLabel::CNodeDelete ||
           label == abi::InvocationLabel::CNodeCancelBadgedSends || label == abi::InvocationLabel::CNodeCopy ||
           label == abi::InvocationLabel::CNodeMint || label == abi::InvocationLabel::CNodeMove ||
           label == abi::InvocationLabel::CNodeMutate || label == abi::InvocationLabel::CNodeRotate ||
           label == abi::InvocationLabel::CNodeSaveCaller;
}

}  // namespace kernel
