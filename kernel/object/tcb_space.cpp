// SPDX-License-Identifier: GPL-2.0-only
// TCB Configure, SetSpace and SetIPCBuffer (seL4 manual, 6.1.1). Each replaces capabilities that a thread holds, and the
// old ones are deleted first: that may take long, may be preempted, and may delete the thread, its new capabilities or
// the very CSpace that the call came through. So each step finds its slots anew and goes on only as far as they still
// hold the same objects; what earlier steps did stays, as on seL4.
#include <utility>

#include <frame/core.hpp>
#include "kernel/cap/deletion.hpp"
#include "kernel/cap/derive.hpp"
#include "kernel/object/tcb_invocation.hpp"
#include "kernel/sched/scheduler.hpp"
#include "kernel/vspace/vspace.hpp"

namespace kernel {

namespace {

/// A capability to put into a TCB slot, and the slot that it was derived from.
class [[gsl::Pointer]] NewCapability {
public:
    NewCapability(frame::Capability cap [[clang::lifetimebound]], frame::SlotRef source [[clang::lifetimebound]])
        : cap_{cap},
          source_{source.location()} {}
    [[nodiscard]] const frame::Capability& cap() const [[clang::lifetimebound]] { return cap_; }
    [[nodiscard]] frame::SlotLocation source() const [[clang::lifetimebound]] { return source_; }

private:
    frame::Capability cap_;
    frame::SlotLocation source_;
};

/// The TCB that is being changed: its capability and the slot that it was invoked through.
class [[gsl::Pointer]] Target {
public:
    Target(const frame::Phase& phase [[clang::lifetimebound]], const Invocation& invocation [[clang::lifetimebound]])
        : cap_{invocation.slot().capability()},
          slot_{invocation.slot().location()},
          tcb_{cap_.as<frame::ThreadCap>().value().tcb(phase)} {}

    /// The TCB, in the phase of decoding.
    [[nodiscard]] frame::Ref<Tcb> tcb() const [[clang::lifetimebound]] { return tcb_; }
    /// The TCB in a later phase, if the invoked slot still vouches for it.
    [[nodiscard]] std::optional<frame::Ref<Tcb>> again(const frame::Phase& phase [[clang::lifetimebound]]) const {
        const std::optional<frame::SlotRef> slot = slot_.occupied(phase);
        if (!slot) {
            return std::nullopt;
        }
        const std::optional<frame::Capability> cap = cap_.vouched_by(*slot);
        if (!cap) {
            return std::nullopt;
        }
        return cap->as<frame::ThreadCap>().value().tcb(phase);
    }

private:
    frame::Capability cap_;
    frame::SlotLocation slot_;
    frame::Ref<Tcb> tcb_;
};

/// Deletes what a TCB slot holds and, if everything concerned is still there, puts the new capability into it.
Deletion replace(frame::Phase& phase, const Target& target, frame::SlotLocation place, frame::TcbSlot which,
                 const std::optional<NewCapability> replacement) {
    if (const Deletion deleted = delete_capability(phase.lend(), place); !deleted) {
        return deleted;
    }
    phase.advance();
    if (!replacement) {
        return {};
    }
    const std::optional<frame::Ref<Tcb>> tcb = target.again(phase);
    const std::optional<frame::SlotRef> source = replacement->source().occupied(phase);
    if (!tcb || !source) {
        return {};
    }
    if (const std::optional<frame::Capability> cap = replacement->cap().vouched_by(*source)) {
        (*tcb)->slot(phase, which).insert_copy(*source, *cap);
    }
    return {};
}

/// The root capability that a slot and a data word stand for; a data word of 0 leaves badge and guard as they are.
Result<frame::Capability> derive_root(frame::SlotRef slot [[clang::lifetimebound]], std::uint64_t data) {
    const frame::Capability cap = slot.capability();
    return derive_capability(slot, data == 0 ? cap : update_data(cap, data, false));
}

/// Whether deleting what a TCB slot holds would be the long, preemptible kind: then the slot may hold half of it.
bool deletes_long(frame::SlotRef slot) {
    const frame::Capability cap = slot.capability();
    const bool has_slots = cap.is<frame::CNodeCap>() || cap.is<frame::ThreadCap>() || cap.is<frame::ZombieCap>();
    return has_slots && slot.is_final();
}

/// The address spaces that a call sets.
class [[gsl::Pointer]] Spaces {
public:
    Spaces(const NewCapability& cspace [[clang::lifetimebound]], const NewCapability& vspace [[clang::lifetimebound]])
        : cspace_{cspace},
          vspace_{vspace} {}
    [[nodiscard]] const NewCapability& cspace() const [[clang::lifetimebound]] { return cspace_; }
    [[nodiscard]] const NewCapability& vspace() const [[clang::lifetimebound]] { return vspace_; }

private:
    NewCapability cspace_;
    NewCapability vspace_;
};

Result<Spaces> decode_spaces(const frame::Phase& phase, const Target& target,
                             frame::SlotRef cspace_slot [[clang::lifetimebound]], std::uint64_t cspace_data,
                             frame::SlotRef vspace_slot [[clang::lifetimebound]], std::uint64_t vspace_data) {
    if (deletes_long(target.tcb()->slot(phase, frame::TcbSlot::cspace)) ||
        deletes_long(target.tcb()->slot(phase, frame::TcbSlot::vspace))) {
        return error::illegal_operation();
    }
    const Result<frame::Capability> cspace = derive_root(cspace_slot, cspace_data);
    if (!cspace) {
        return std::unexpected{cspace.error()};
    }
    if (!cspace->is<frame::CNodeCap>()) {
        return error::illegal_operation();
    }
    const Result<frame::Capability> vspace = derive_root(vspace_slot, vspace_data);
    if (!vspace) {
        return std::unexpected{vspace.error()};
    }
    if (!is_vspace_root(*vspace)) {
        return error::illegal_operation();
    }
    return Spaces{NewCapability{*cspace, cspace_slot}, NewCapability{*vspace, vspace_slot}};
}

/// The frame for the IPC buffer at `address`; none where the address is 0, which takes the buffer away.
Result<std::optional<NewCapability>> decode_buffer(frame::SlotRef slot [[clang::lifetimebound]],
                                                   std::uint64_t address) {
    if (address == 0) {
        return std::nullopt;
    }
    const Result<frame::Capability> cap = derive_capability(slot, slot.capability());
    if (!cap) {
        return std::unexpected{cap.error()};
    }
    if (const Result<Done> valid = check_ipc_buffer(*cap, frame::UserAddress{address}); !valid) {
        return std::unexpected{valid.error()};
    }
    return NewCapability{*cap, slot};
}

Deletion replace_spaces(frame::Phase& phase, const Target& target, const Spaces& spaces,
                        frame::SlotLocation cspace_place, frame::SlotLocation vspace_place) {
    if (const Deletion done = replace(phase, target, cspace_place, frame::TcbSlot::cspace, spaces.cspace()); !done) {
        return done;
    }
    return replace(phase, target, vspace_place, frame::TcbSlot::vspace, spaces.vspace());
}

Deletion replace_buffer(frame::Phase& phase, const Target& target, const std::optional<NewCapability>& buffer,
                        std::uint64_t address, frame::SlotLocation place) {
    if (const Deletion done = replace(phase, target, place, frame::TcbSlot::ipc_buffer, buffer); !done) {
        return done;
    }
    if (const std::optional<frame::Ref<Tcb>> tcb = target.again(phase)) {
        (*tcb)->ipc_buffer = frame::UserAddress{address};
        if (frame::this_core(phase).is_current(*tcb)) {
            scheduler(phase).require_reschedule(phase);
        }
    }
    return {};
}

}  // namespace

Outcome configure(frame::Phase&& start, const Invocation& invocation) {
    using Args = abi::args::tcb_configure;
    frame::Phase phase = std::move(start);
    const std::optional<frame::SlotRef> cspace_slot = invocation.extra_cap(Args::caps::cspace_root);
    const std::optional<frame::SlotRef> vspace_slot = invocation.extra_cap(Args::caps::vspace_root);
    const std::optional<frame::SlotRef> buffer_slot = invocation.extra_cap(Args::caps::buffer_frame);
    if (invocation.length() < Args::length || !cspace_slot || !vspace_slot || !buffer_slot) {
        return error::truncated_message();
    }
    const Target target{phase, invocation};
    const std::uint64_t address = invocation.argument(Args::buffer);
    const Result<std::optional<NewCapability>> buffer = decode_buffer(*buffer_slot, address);
    if (!buffer) {
        return std::unexpected{buffer.error()};
    }
    const Result<Spaces> spaces =
        decode_spaces(phase, target, *cspace_slot, invocation.argument(Args::cspace_root_data), *vspace_slot,
                      invocation.argument(Args::vspace_root_data));
    if (!spaces) {
        return std::unexpected{spaces.error()};
    }
    invocation.commit(phase);
    const frame::Ref<Tcb> tcb = target.tcb();
    tcb->fault_handler = invocation.argument(Args::fault_ep);
    const frame::SlotLocation cspace_place = tcb->slot(phase, frame::TcbSlot::cspace).location();
    const frame::SlotLocation vspace_place = tcb->slot(phase, frame::TcbSlot::vspace).location();
    const frame::SlotLocation buffer_place = tcb->slot(phase, frame::TcbSlot::ipc_buffer).location();
    if (const Deletion done = replace_spaces(phase, target, *spaces, cspace_place, vspace_place); !done) {
        return to_outcome(done);
    }
    return to_outcome(replace_buffer(phase, target, *buffer, address, buffer_place));
}

Outcome set_space(frame::Phase&& start, const Invocation& invocation) {
    using Args = abi::args::tcb_set_space;
    frame::Phase phase = std::move(start);
    const std::optional<frame::SlotRef> cspace_slot = invocation.extra_cap(Args::caps::cspace_root);
    const std::optional<frame::SlotRef> vspace_slot = invocation.extra_cap(Args::caps::vspace_root);
    if (invocation.length() < Args::length || !cspace_slot || !vspace_slot) {
        return error::truncated_message();
    }
    const Target target{phase, invocation};
    const Result<Spaces> spaces =
        decode_spaces(phase, target, *cspace_slot, invocation.argument(Args::cspace_root_data), *vspace_slot,
                      invocation.argument(Args::vspace_root_data));
    if (!spaces) {
        return std::unexpected{spaces.error()};
    }
    invocation.commit(phase);
    const frame::Ref<Tcb> tcb = target.tcb();
    tcb->fault_handler = invocation.argument(Args::fault_ep);
    const frame::SlotLocation cspace_place = tcb->slot(phase, frame::TcbSlot::cspace).location();
    const frame::SlotLocation vspace_place = tcb->slot(phase, frame::TcbSlot::vspace).location();
    return to_outcome(replace_spaces(phase, target, *spaces, cspace_place, vspace_place));
}

Outcome set_ipc_buffer(frame::Phase&& start, const Invocation& invocation) {
    using Args = abi::args::tcb_set_ipc_buffer;
    frame::Phase phase = std::move(start);
    const std::optional<frame::SlotRef> buffer_slot = invocation.extra_cap(Args::caps::buffer_frame);
    if (invocation.length() < Args::length || !buffer_slot) {
        return error::truncated_message();
    }
    const Target target{phase, invocation};
    const std::uint64_t address = invocation.argument(Args::buffer);
    const Result<std::optional<NewCapability>> buffer = decode_buffer(*buffer_slot, address);
    if (!buffer) {
        return std::unexpected{buffer.error()};
    }
    invocation.commit(phase);
    const frame::SlotLocation place = target.tcb()->slot(phase, frame::TcbSlot::ipc_buffer).location();
    return to_outcome(replace_buffer(phase, target, *buffer, address, place));
}

}  // namespace kernel
