// SPDX-License-Identifier: GPL-2.0-only
#include <frame/asid.hpp>

#include <utility>

#include "kernel/cap/lookup.hpp"
#include "kernel/vspace/invoke.hpp"

namespace kernel {

namespace {

bool can_become_pool(const frame::Capability& cap) {
    const std::optional<frame::UntypedCap> untyped = cap.as<frame::UntypedCap>();
    return untyped && untyped->size_bits() == abi::size_bits::asid_pool && !untyped->is_device();
}

Outcome make_pool(frame::Phase&& phase, const Invocation& invocation) {
    using Arguments = abi::args::x86_asid_control_make_pool;
    const std::optional<frame::SlotRef> untyped = invocation.extra_cap(Arguments::caps::untyped);
    const std::optional<frame::SlotRef> root = invocation.extra_cap(Arguments::caps::root);
    if (invocation.length() < Arguments::length || !untyped || !root) {
        return error::truncated_message();
    }
    const std::optional<frame::Asid> base = frame::first_free_pool(phase);
    if (!base) {
        return error::delete_first();
    }
    if (!can_become_pool(untyped->capability())) {
        return error::invalid_capability(1);
    }
    if (untyped->has_children()) {
        return error::revoke_first();
    }
    const Result<frame::SlotRef> destination =
        lookup_operand(phase, root->capability(), invocation.argument(Arguments::index),
                       invocation.argument(Arguments::depth), Side::destination);
    if (!destination) {
        return std::unexpected{destination.error()};
    }
    if (!destination->is_empty()) {
        return error::delete_first();
    }

    invocation.commit(phase);
    frame::make_asid_pool(std::move(phase), *untyped, *destination, *base);
    return Done{};
}

Outcome assign(const frame::Phase& phase, const Invocation& invocation) {
    using Arguments = abi::args::x86_asid_pool_assign;
    const std::optional<frame::SlotRef> slot = invocation.extra_cap(Arguments::caps::vspace);
    if (!slot) {
        return error::truncated_message();
    }
    const std::optional<frame::Pml4Cap> root = slot->capability().as<frame::Pml4Cap>();
    if (!root || root->asid() != frame::no_asid) {
        return error::invalid_capability(1);
    }
    const frame::AsidPoolCap cap = invocation.slot().capability().as<frame::AsidPoolCap>().value();
    const std::optional<frame::Ref<frame::AsidPool>> pool = frame::pool_at(phase, cap.base());
    if (!pool) {
        return error::failed_lookup(false, LookupFault::invalid_root());
    }
    if (*pool != cap.pool(phase)) {
        return error::invalid_capability(0);
    }
    const std::optional<frame::Asid> asid = frame::first_free_asid(phase, cap);
    if (!asid) {
        return error::delete_first();
    }

    invocation.commit(phase);
    frame::assign_asid(phase, *slot, cap, *asid);
    return Done{};
}

}  // namespace

Outcome invoke_asid_control(frame::Phase&& phase, const Invocation& invocation) {
    if (invocation.label() != abi::InvocationLabel::X86ASIDControlMakePool) {
        return error::illegal_operation();
    }
    return make_pool(std::move(phase), invocation);
}

Outcome invoke_asid_pool(const frame::Phase& phase, const Invocation& invocation) {
    if (invocation.label() != abi::InvocationLabel::X86ASIDPoolAssign) {
        return error::illegal_operation();
    }
    return assign(phase, invocation);
}

}  // namespace kernel
