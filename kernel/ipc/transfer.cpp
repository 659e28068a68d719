// SPDX-License-Identifier: GPL-2.0-only
#include "kernel/ipc/transfer.hpp"

#include "kernel/cap/derive.hpp"
#include "kernel/cap/lookup.hpp"
#include "kernel/ipc/fault.hpp"
#include "kernel/ipc/message.hpp"

namespace kernel {

namespace {

/// The empty slot that a receiver named for a capability, if there is one.
std::optional<frame::SlotRef> receive_slot(const frame::Phase& phase [[clang::lifetimebound]], frame::Ref<Tcb> receiver,
                                           const frame::IpcBuffer& buffer) {
    const std::expected<frame::SlotRef, LookupFault> root = lookup_slot(phase, receiver, buffer.receive_cnode());
    if (!root) {
        return std::nullopt;
    }
    const Result<frame::SlotRef> slot =
        lookup_operand(phase, root->capability(), buffer.receive_index(), buffer.receive_depth(), Side::destination);
    if (!slot || !slot->is_empty()) {
        return std::nullopt;
    }
    return *slot;
}

bool is_capability_to(const frame::Phase& phase, const frame::Capability& cap,
                      const std::optional<frame::Ref<Endpoint>>& endpoint) {
    const std::optional<frame::EndpointCap> candidate = cap.as<frame::EndpointCap>();
    return candidate.has_value() && endpoint.has_value() && candidate->endpoint(phase) == *endpoint;
}

/// What became of a message's capabilities, as the message info tells the receiver.
struct TransferredCaps {
    std::uint64_t count = 0;      ///< how many of them were taken care of, in order
    std::uint64_t unwrapped = 0;  ///< bit i: of capability i only the badge was given
};

TransferredCaps transfer_caps(const frame::Phase& phase, const ExtraCaps& caps,
                              const std::optional<frame::Ref<Endpoint>>& endpoint, frame::Ref<Tcb> receiver,
                              const std::optional<frame::IpcBuffer> buffer) {
    TransferredCaps result{};
    if (!caps[0].get() || !buffer) {
        return result;
    }
    const std::optional<frame::SlotRef> destination = receive_slot(phase, receiver, *buffer);
    for (const frame::MaybeSlot& named : caps) {
        const std::optional<frame::SlotRef> source = named.get();
        if (!source) {
            break;
        }
        const frame::Capability cap = source->capability();
        if (is_capability_to(phase, cap, endpoint)) {
            buffer->set_cap_or_badge(result.count, std::to_underlying(cap.as<frame::EndpointCap>()->badge()));
            result.unwrapped |= std::uint64_t{1} << result.count;
        } else {
            if (!destination || !destination->is_empty()) {
                break;  // one slot, one capability
            }
            const Result<frame::Capability> derived = derive_capability(*source, cap);
            if (!derived || derived->is_null()) {
                break;
            }
            destination->insert_copy(*source, *derived);
        }
        ++result.count;
    }
    return result;
}

void transfer_message(const frame::Phase& phase, frame::Ref<Tcb> sender,
                      const std::optional<frame::Ref<Endpoint>>& endpoint, frame::Badge badge, bool grant,
                      frame::Ref<Tcb> receiver) {
    const Message from = outgoing(phase, sender);
    const Message to = incoming(phase, receiver);
    const std::uint64_t info = sender->context().get<call_register::info>();
    // Before the words: the two threads may share a buffer.
    const MessageCaps caps =
        grant && has_capabilities(info) ? lookup_extra_caps(phase, sender, from.buffer(), info) : MessageCaps{};
    const std::uint64_t length = from.copy_to(to, abi::message_info::length(info));
    const TransferredCaps moved =
        caps.is_complete ? transfer_caps(phase, caps.caps, endpoint, receiver, to.buffer()) : TransferredCaps{};
    set_message_head(*receiver, badge,
                     abi::message_info::make(abi::message_info::label(info), moved.unwrapped, moved.count, length));
}

}  // namespace

void transfer(const frame::Phase& phase, frame::Ref<Tcb> sender, const std::optional<frame::Ref<Endpoint>>& endpoint,
              frame::Badge badge, bool grant, frame::Ref<Tcb> receiver) {
    if (sender->fault.is_none()) {
        transfer_message(phase, sender, endpoint, badge, grant, receiver);
    } else {
        const std::uint64_t length = write_fault_message(sender, incoming(phase, receiver));
        set_message_head(*receiver, badge, abi::message_info::make(abi::number(sender->fault.type), 0, 0, length));
    }
}

void transfer_nothing(Tcb& receiver) { receiver.context().set<call_register::badge>(0); }

}  // namespace kernel
