// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <expected>
#include <optional>

#include <abi/abi.hpp>
#include <frame/ipc_buffer.hpp>
#include "kernel/api/invocation.hpp"
#include "kernel/object/call_register.hpp"
#include "kernel/object/tcb.hpp"

namespace kernel {

/// Whether a message brings capabilities beside its words.
[[nodiscard]] inline bool has_capabilities(std::uint64_t message_info) {
    return abi::message_info::extra_caps(message_info) != 0;
}

/// The IPC buffer of a thread, if it has one that allows the access (seL4 manual, 4.1).
[[nodiscard]] std::optional<frame::IpcBuffer> ipc_buffer(const frame::Phase& phase [[clang::lifetimebound]],
                                                         frame::Ref<Tcb> tcb, bool writable);

/// A thread's message registers: the first ones in its registers, the others in its IPC buffer, if it has one.
class [[gsl::Pointer]] Message {
public:
    Message(frame::Ref<Tcb> tcb [[clang::lifetimebound]],
            std::optional<frame::IpcBuffer> buffer [[clang::lifetimebound]])
        : tcb_{tcb},
          buffer_{buffer} {}

    /// Word `index`; 0 where there is no room for it.
    [[nodiscard]] std::uint64_t get(std::uint64_t index) const;
    /// Stores word `index` if there is room for it.
    void set(std::uint64_t index, std::uint64_t value) const;
    /// How many of `length` words there is room for.
    [[nodiscard]] std::uint64_t capacity_for(std::uint64_t length) const;
    [[nodiscard]] const std::optional<frame::IpcBuffer>& buffer() const [[clang::lifetimebound]] { return buffer_; }
    /// Copies the first `length` words to `other`; returns how many both had room for.
    [[nodiscard]] std::uint64_t copy_to(const Message& other, std::uint64_t length) const;

private:
    frame::Ref<Tcb> tcb_;
    std::optional<frame::IpcBuffer> buffer_;
};

inline std::uint64_t Message::get(std::uint64_t index) const {
    const frame::UserContext& context = tcb_->context();
    switch (index) {
    case 0:
        return context.get<frame::Register::r10>();
    case 1:
        return context.get<frame::Register::r8>();
    case 2:
        return context.get<frame::Register::r9>();
    case 3:
        return context.get<frame::Register::r15>();
    default:
        return buffer_ ? buffer_->message(index) : 0;
    }
}

inline void Message::set(std::uint64_t index, std::uint64_t value) const {
    frame::UserContext& context = tcb_->context();
    switch (index) {
    case 0:
        context.set<frame::Register::r10>(value);
        return;
    case 1:
        context.set<frame::Register::r8>(value);
        return;
    case 2:
        context.set<frame::Register::r9>(value);
        return;
    case 3:
        context.set<frame::Register::r15>(value);
        return;
    default:
        if (buffer_) {
            buffer_->set_message(index, value);
        }
        return;
    }
}

/// The message registers that `tcb` sends from, or receives into.
[[nodiscard]] inline Message outgoing(const frame::Phase& phase [[clang::lifetimebound]],
                                      frame::Ref<Tcb> tcb [[clang::lifetimebound]]) {
    return Message{tcb, ipc_buffer(phase, tcb, false)};
}
[[nodiscard]] inline Message incoming(const frame::Phase& phase [[clang::lifetimebound]],
                                      frame::Ref<Tcb> tcb [[clang::lifetimebound]]) {
    return Message{tcb, ipc_buffer(phase, tcb, true)};
}

/// The extra capabilities of a message, as far as their addresses lead somewhere.
struct [[gsl::Pointer]] MessageCaps {
    ExtraCaps caps{};
    bool is_complete = true;
    std::uint64_t bad_address = 0;  ///< the first one that led nowhere, if not complete
};

/// Looks up the extra capabilities that a message announces.
[[nodiscard]] MessageCaps lookup_extra_caps(const frame::Phase& phase [[clang::lifetimebound]], frame::Ref<Tcb> sender,
                                            std::optional<frame::IpcBuffer> buffer, std::uint64_t message_info);

/// Stores the badge and tag of a message that `tcb` receives.
void set_message_head(Tcb& tcb, frame::Badge badge, std::uint64_t message_info);

}  // namespace kernel
