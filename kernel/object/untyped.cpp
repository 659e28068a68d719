// SPDX-License-Identifier: GPL-2.0-only
#include "kernel/object/untyped.hpp"

#include <utility>

#include <frame/untyped.hpp>
#include "kernel/cap/deletion.hpp"
#include "kernel/cap/lookup.hpp"
#include "kernel/object/thread.hpp"

namespace kernel {

namespace {

using Args = abi::args::untyped_retype;

/// The type and size that a Retype asks for, checked.
Result<frame::Carving> decode_carving(const Invocation& invocation) {
    const std::optional<abi::ObjectType> type = abi::object_type(invocation.argument(Args::type));
    if (!type) {
        return error::invalid_argument(Args::type);
    }
    const std::uint64_t user_bits = invocation.argument(Args::size_bits);
    if (user_bits >= 64 || frame::object_size_bits(*type, user_bits) > abi::size_bits::max_untyped) {
        return error::range(0, abi::size_bits::max_untyped);
    }
    const bool too_small = (*type == abi::ObjectType::CapTable && user_bits == 0) ||
                           (*type == abi::ObjectType::Untyped && user_bits < abi::size_bits::min_untyped);
    if (too_small) {
        return error::invalid_argument(Args::size_bits);
    }
    return frame::Carving{.type = *type, .user_bits = user_bits};
}

/// The CNode that the new capabilities go to.
Result<frame::CNodeCap> decode_destination(const frame::Phase& phase [[clang::lifetimebound]],
                                           const Invocation& invocation, frame::SlotRef root [[clang::lifetimebound]]) {
    const std::uint64_t depth = invocation.argument(Args::node_depth);
    frame::SlotRef slot = root;
    if (depth != 0) {
        const Result<frame::SlotRef> found =
            lookup_operand(phase, root.capability(), invocation.argument(Args::node_index), depth, Side::destination);
        if (!found) {
            return std::unexpected{found.error()};
        }
        slot = *found;
    }
    const std::optional<frame::CNodeCap> cnode = slot.capability().as<frame::CNodeCap>();
    if (!cnode) {
        return error::failed_lookup(false, LookupFault::missing_capability(depth));
    }
    return *cnode;
}

/// The empty slots that the new capabilities go into.
Result<frame::SlotRange> decode_slots(const frame::Phase& phase [[clang::lifetimebound]], const Invocation& invocation,
                                      const frame::CNodeCap& cnode) {
    const std::uint64_t offset = invocation.argument(Args::node_offset);
    const std::uint64_t count = invocation.argument(Args::num_objects);
    if (offset >= cnode.slots()) {
        return error::range(0, cnode.slots() - 1);
    }
    if (count < 1 || count > abi::retype_fan_out_limit) {
        return error::range(1, abi::retype_fan_out_limit);
    }
    const std::optional<frame::SlotRange> slots = frame::SlotRange::in(phase, cnode, offset, count);
    if (!slots) {
        return error::range(1, cnode.slots() - offset);
    }
    if (!slots->are_empty(phase)) {
        return error::delete_first();
    }
    return *slots;
}

Outcome retype(frame::Phase&& phase, const Invocation& invocation, bool reset, frame::Carving what,
               const frame::SlotRange& slots) {
    invocation.commit(phase);
    const frame::SlotRef untyped = invocation.slot();
    if (reset) {
        while (!frame::reset_step(phase, untyped)) {
            if (const Deletion go_on = preemption_point(phase); !go_on) {
                return std::unexpected{go_on.error()};
            }
        }
    }
    frame::carve(std::move(phase), untyped, what, slots,
                 [](const frame::Phase& birth, frame::Ref<Tcb> tcb) { register_thread(birth, tcb); });
    return Done{};
}

}  // namespace

Outcome invoke_untyped(frame::Phase&& phase, const Invocation& invocation) {
    if (invocation.label() != abi::InvocationLabel::UntypedRetype) {
        return error::illegal_operation();
    }
    const std::optional<frame::SlotRef> root = invocation.extra_cap(Args::caps::root);
    if (invocation.length() < Args::length || !root) {
        return error::truncated_message();
    }
    const Result<frame::Carving> what = decode_carving(invocation);
    if (!what) {
        return std::unexpected{what.error()};
    }
    const Result<frame::CNodeCap> cnode = decode_destination(phase, invocation, *root);
    if (!cnode) {
        return std::unexpected{cnode.error()};
    }
    const Result<frame::SlotRange> slots = decode_slots(phase, invocation, *cnode);
    if (!slots) {
        return std::unexpected{slots.error()};
    }
    const frame::UntypedCap untyped = invocation.slot().capability().as<frame::UntypedCap>().value();
    const bool reset = !invocation.slot().has_children();
    const std::uint64_t available = reset ? untyped.size() : untyped.free_bytes();
    const std::uint64_t bits = frame::object_size_bits(what->type, what->user_bits);
    if (frame::shift_right(available, bits) < slots->size()) {
        return error::not_enough_memory(available);
    }
    if (untyped.is_device() && !frame::may_be_device(what->type)) {
        return error::invalid_argument(Args::size_bits);
    }
    return retype(std::move(phase), invocation, reset, *what, *slots);
}

}  // namespace kernel
