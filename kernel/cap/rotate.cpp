// SPDX-License-Identifier: GPL-2.0-only
#include "kernel/cap/rotate.hpp"

#include "kernel/cap/derive.hpp"
#include "kernel/cap/lookup.hpp"

namespace kernel {

Outcome rotate(const frame::Phase& phase, const Invocation& invocation, frame::SlotRef destination) {
    using Args = abi::args::cnode_rotate;
    const std::optional<frame::SlotRef> pivot_root = invocation.extra_cap(Args::caps::pivot_root);
    const std::optional<frame::SlotRef> source_root = invocation.extra_cap(Args::caps::src_root);
    if (invocation.length() < Args::length || !pivot_root || !source_root) {
        return error::truncated_message();
    }
    const std::uint64_t source_depth = invocation.argument(Args::src_depth);
    const Result<frame::SlotRef> source = lookup_operand(
        phase, source_root->capability(), invocation.argument(Args::src_index), source_depth, Side::source);
    if (!source) {
        return std::unexpected{source.error()};
    }
    const std::uint64_t pivot_depth = invocation.argument(Args::pivot_depth);
    const Result<frame::SlotRef> pivot = lookup_operand(
        phase, pivot_root->capability(), invocation.argument(Args::pivot_index), pivot_depth, Side::source);
    if (!pivot) {
        return std::unexpected{pivot.error()};
    }
    if (*pivot == *source || *pivot == destination) {
        return error::illegal_operation();
    }
    const bool swaps = *source == destination;
    if (!swaps && !destination.is_empty()) {
        return error::delete_first();
    }
    if (source->is_empty()) {
        return error::failed_lookup(true, LookupFault::missing_capability(source_depth));
    }
    if (pivot->is_empty()) {
        return error::failed_lookup(false, LookupFault::missing_capability(pivot_depth));
    }
    const frame::Capability moved_source =
        update_data(source->capability(), invocation.argument(Args::pivot_badge), true);
    const frame::Capability moved_pivot = update_data(pivot->capability(), invocation.argument(Args::dest_badge), true);
    if (moved_source.is_null() || moved_pivot.is_null()) {
        return error::illegal_operation();
    }
    invocation.commit(phase);
    if (swaps) {
        source->swap_with(*pivot, moved_source, moved_pivot);
    } else {
        destination.move_from(*pivot, moved_pivot);
        pivot->move_from(*source, moved_source);
    }
    return Done{};
}

}  // namespace kernel
