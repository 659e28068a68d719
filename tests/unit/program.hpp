// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <source_location>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "frame/host/processor.hpp"
#include "kernel/object/tcb.hpp"
#include "tests/machine/base_system.hpp"
#include "tests/machine/machine.hpp"
#include "tests/support/test.hpp"

namespace test {

using Words = std::vector<std::uint64_t>;

/// How an invocation is refused: the error, and the words of the message that tells about it.
struct Refusal {
    abi::Error error = abi::Error::NoError;
    Words words{};
};
namespace refusal {
inline Refusal truncated() { return {abi::Error::TruncatedMessage, {}}; }
inline Refusal illegal() { return {abi::Error::IllegalOperation, {}}; }
inline Refusal alignment() { return {abi::Error::AlignmentError, {}}; }
inline Refusal delete_first() { return {abi::Error::DeleteFirst, {}}; }
inline Refusal revoke_first() { return {abi::Error::RevokeFirst, {}}; }
inline Refusal argument(std::uint64_t index) { return {abi::Error::InvalidArgument, {index}}; }
inline Refusal capability(std::uint64_t index) { return {abi::Error::InvalidCapability, {index}}; }
inline Refusal range(std::uint64_t minimum, std::uint64_t maximum) {
    return {abi::Error::RangeError, {minimum, maximum}};
}
inline Refusal missing(bool in_source, std::uint64_t bits_left) {
    return {abi::Error::FailedLookup,
            {in_source ? 1U : 0U, abi::number(abi::LookupFailure::MissingCapability), bits_left}};
}
inline Refusal no_root(bool in_source) {
    return {abi::Error::FailedLookup, {in_source ? 1U : 0U, abi::number(abi::LookupFailure::InvalidRoot)}};
}
}  // namespace refusal

/// The base system as its programs see it: whoever runs makes system calls and looks at what came of them.
class Program {
public:
    Program() { BaseSystem::build(machine); }

    Machine& machine = Machine::boot();

    /// Slots of the space that are empty.
    static constexpr std::uint64_t slot = BaseSystem::first_empty;
    static constexpr std::uint64_t radix = 6;
    static constexpr std::uint64_t all_rights = 15;

    Result system_call(abi::Syscall call, std::uint64_t capability = 0, Words words = {}, Words caps = {},
                       std::uint64_t label = 0) {
        return machine.perform(Step{.call = abi::number(call),
                                    .capability = capability,
                                    .info = abi::message_info::make(label, 0, caps.size(), words.size()),
                                    .words = std::move(words),
                                    .caps = std::move(caps)});
    }
    /// An invocation that succeeds.
    void does(std::uint64_t capability, abi::InvocationLabel label, Words words = {}, Words caps = {},
              std::source_location where = std::source_location::current()) {
        const Result result = machine.call(capability, label, std::move(words), std::move(caps));
        if (result != Result{}) {
            fail(std::string{abi::name(label)} + " came to " + to_text(result), where);
        }
    }
    /// An invocation that is refused with this answer.
    void refuses(const Refusal& expected, std::uint64_t capability, abi::InvocationLabel label, Words words = {},
                 Words caps = {}, std::source_location where = std::source_location::current()) {
        const Result result = machine.call(capability, label, std::move(words), std::move(caps));
        const Words answer = result.kind == Result::Kind::error ? message() : Words{};
        if (result != Result{Result::Kind::error, expected.error} || answer != expected.words) {
            std::string text = std::string{abi::name(label)} + " came to " + to_text(result);
            for (const std::uint64_t word : answer) {
                text += " " + shown(word);
            }
            fail(text, where);
        }
    }

    // Capabilities of the space
    void mint(std::uint64_t to, std::uint64_t from, std::uint64_t rights, std::uint64_t data) {
        does(BaseSystem::space_plain, abi::InvocationLabel::CNodeMint, {to, radix, from, radix, rights, data},
             {BaseSystem::space_plain});
    }
    void copy(std::uint64_t to, std::uint64_t from) {
        does(BaseSystem::space_plain, abi::InvocationLabel::CNodeCopy, {to, radix, from, radix, all_rights},
             {BaseSystem::space_plain});
    }
    void erase(std::uint64_t index) {
        does(BaseSystem::space_plain, abi::InvocationLabel::CNodeDelete, {index, radix});
    }
    void retype(std::uint64_t to, abi::ObjectType type, std::uint64_t bits = 0,
                std::uint64_t untyped = BaseSystem::untyped_large) {
        does(untyped, abi::InvocationLabel::UntypedRetype, {abi::number(type), bits, 0, 0, to, 1},
             {BaseSystem::space_plain});
    }
    [[nodiscard]] abi::CapabilityTag kind_of(std::uint64_t address) {
        system_call(abi::Syscall::DebugCapIdentify, address);
        const std::uint64_t number = machine.running().context().get(frame::Register::rdi);
        return static_cast<abi::CapabilityTag>(number);
    }

    // What the running thread received
    [[nodiscard]] std::uint64_t badge() const { return machine.running().context().get(frame::Register::rdi); }
    [[nodiscard]] std::uint64_t info() const { return machine.running().context().get(frame::Register::rsi); }
    [[nodiscard]] std::uint64_t label() const { return abi::message_info::label(info()); }
    [[nodiscard]] std::uint64_t word(std::size_t index) {
        if (index < abi::message::register_count) {
            return machine.result_word(index);
        }
        return machine.load(machine.running().ipc_buffer.value() + (abi::ipc_buffer::msg + index) * 8).value_or(0);
    }
    [[nodiscard]] Words message() {
        Words words;
        for (std::uint64_t index = 0; index < abi::message_info::length(info()); ++index) {
            words.push_back(word(index));
        }
        return words;
    }
    [[nodiscard]] std::uint64_t cap_or_badge(std::size_t index) {
        return machine.load(machine.running().ipc_buffer.value() + (abi::ipc_buffer::caps_or_badges + index) * 8)
            .value();
    }

    // Threads
    [[nodiscard]] kernel::Tcb& initial() const { return machine.initial_thread(); }
    [[nodiscard]] bool initial_runs() const { return !machine.is_idle() && &machine.running() == &initial(); }
    /// The initial thread lets the other ready thread, of equal priority, run: the one of `BaseSystem::tcb + 2`.
    kernel::Tcb& yield_to_other() {
        CHECK(initial_runs());
        system_call(abi::Syscall::Yield);
        CHECK(!initial_runs());
        return machine.running();
    }
    void yield_to_initial() {
        for (unsigned turns = 0; !initial_runs(); ++turns) {
            CHECK(turns < 10);
            system_call(abi::Syscall::Yield);
        }
    }

    /// What was printed since the last look, or since the system was set back.
    std::string printed() {
        const std::string& all = frame::host::Processor::instance().console_text;
        std::string text = all.substr(console_end_ > all.size() ? 0 : console_end_);
        console_end_ = all.size();
        return text;
    }
    [[nodiscard]] bool prints(std::string_view part) { return printed().find(part) != std::string::npos; }

private:
    std::size_t console_end_ = 0;
};

}  // namespace test
