// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include <abi/abi.hpp>
#include <frame/ipc_buffer.hpp>
#include <frame/slot.hpp>
#include "kernel/api/error.hpp"
#include "kernel/object/tcb.hpp"

namespace kernel {

/// The capabilities that a message carries beside the invoked one, as far as their lookup succeeded (seL4 manual, 4.2.2).
using ExtraCaps = std::array<frame::MaybeSlot, abi::message::max_extra_caps>;

/// One invocation of a capability, as decoding sees it: the invoked slot, the label, the message words and the extra
/// capabilities. A view: it lives on the stack within the phase it was made in.
class [[gsl::Pointer]] Invocation {
public:
    Invocation(frame::Ref<Tcb> caller [[clang::lifetimebound]], frame::SlotRef slot [[clang::lifetimebound]],
               std::uint64_t message_info, const ExtraCaps& extra_caps [[clang::lifetimebound]],
               std::optional<frame::IpcBuffer> buffer [[clang::lifetimebound]], bool blocking, bool call)
        : caller_{caller},
          slot_{slot},
          buffer_{buffer},
          extra_caps_{extra_caps},
          message_info_{message_info},
          blocking_{blocking},
          call_{call} {}

    /// The thread that invokes.
    [[nodiscard]] frame::Ref<Tcb> caller() const [[clang::lifetimebound]] { return caller_; }
    /// The slot that holds the invoked capability.
    [[nodiscard]] frame::SlotRef slot() const [[clang::lifetimebound]] { return slot_; }
    [[nodiscard]] std::uint64_t label_word() const { return abi::message_info::label(message_info_); }
    /// The label, if this configuration has an invocation of that number.
    [[nodiscard]] std::optional<abi::InvocationLabel> label() const { return abi::invocation_label(label_word()); }
    /// Message words that the caller sent: no more than its registers hold if it has no IPC buffer.
    [[nodiscard]] std::uint64_t length() const {
        const std::uint64_t sent = abi::message_info::length(message_info_);
        const std::uint64_t room = buffer_ ? abi::message::max_length : abi::message::register_count;
        return sent > room ? room : sent;
    }
    /// Message word `index`, whatever `length()` says: words that were not sent are what the registers hold.
    [[nodiscard]] std::uint64_t argument(std::uint64_t index) const;
    /// Extra capability `index`, if the message had that many.
    [[nodiscard]] std::optional<frame::SlotRef> extra_cap(std::uint64_t index) const [[clang::lifetimebound]] {
        return index < extra_caps_.size() ? extra_caps_[index].get() : std::nullopt;
    }
    [[nodiscard]] bool is_blocking() const { return blocking_; }
    /// Whether the caller awaits a reply: only then are results delivered.
    [[nodiscard]] bool is_call() const { return call_; }
    /// Decoding is over and acting begins: from here on the invocation cannot be refused. Until it completes, the caller
    /// would repeat it.
    void commit(const frame::Phase& phase) const;
    /// Leaves a result word for the caller; nothing happens if it does not await one.
    void set_result(const frame::Phase& phase, std::uint64_t index, std::uint64_t value) const;

private:
    frame::Ref<Tcb> caller_;
    frame::SlotRef slot_;
    std::optional<frame::IpcBuffer> buffer_;
    const ExtraCaps& extra_caps_;
    std::uint64_t message_info_;
    bool blocking_;
    bool call_;
};

}  // namespace kernel
