// SPDX-License-Identifier: GPL-2.0-only
#include "kernel/ipc/message.hpp"

#include <algorithm>

#include "kernel/cap/lookup.hpp"

namespace kernel {

namespace {

constexpr std::uint64_t in_registers = abi::message::register_count;

}  // namespace

std::optional<frame::IpcBuffer> ipc_buffer(const frame::Phase& phase, frame::Ref<Tcb> tcb, bool writable) {
    const frame::Capability cap = tcb->slot(phase, frame::TcbSlot::ipc_buffer).capability();
    return frame::IpcBuffer::in(phase, cap, tcb->ipc_buffer, writable);
}

std::uint64_t Message::capacity_for(std::uint64_t length) const {
    return std::min<std::uint64_t>(length, buffer_ ? abi::message::max_length : in_registers);
}

std::uint64_t Message::copy_to(const Message& other, std::uint64_t length) const {
    const std::uint64_t words = std::min(capacity_for(length), other.capacity_for(length));
    const frame::UserContext& from = tcb_->context();
    frame::UserContext& to = other.tcb_->context();
    // Never more than were sent: the registers beyond keep what the receiver had in them.
    if (words > 0) {
        to.set<frame::Register::r10>(from.get<frame::Register::r10>());
    }
    if (words > 1) {
        to.set<frame::Register::r8>(from.get<frame::Register::r8>());
    }
    if (words > 2) {
        to.set<frame::Register::r9>(from.get<frame::Register::r9>());
    }
    if (words > 3) {
        to.set<frame::Register::r15>(from.get<frame::Register::r15>());
    }
    if (words > in_registers && buffer_ && other.buffer_) {
        buffer_->copy_messages(*other.buffer_, in_registers, words);
    }
    return words;
}

MessageCaps lookup_extra_caps(const frame::Phase& phase, frame::Ref<Tcb> sender, std::optional<frame::IpcBuffer> buffer,
                              std::uint64_t message_info) {
    MessageCaps found{};
    if (!buffer) {
        return found;
    }
    const std::uint64_t count = abi::message_info::extra_caps(message_info);
    for (std::uint64_t index = 0; index < count; ++index) {
        const std::uint64_t address = buffer->cap_or_badge(index);
        const std::optional<frame::SlotRef> slot = find_slot(phase, sender, address);
        if (!slot) {
            found.is_complete = false;
            found.bad_address = address;
            return found;
        }
        found.caps[index] = *slot;
    }
    return found;
}

void set_message_head(Tcb& tcb, frame::Badge badge, std::uint64_t message_info) {
    tcb.context().set<call_register::badge>(std::to_underlying(badge));
    tcb.context().set<call_register::info>(message_info);
}

}  // namespace kernel
