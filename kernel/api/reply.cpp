// SPDX-License-Identifier: GPL-2.0-only
#include "kernel/api/reply.hpp"

#include "kernel/ipc/message.hpp"

namespace kernel {

namespace {

/// Writes what a lookup fault tells from word `at` on; returns the word after it.
/// Writes the description of a failed lookup from word `at` on; returns how many words the message has then.
std::uint64_t put_lookup_fault(const Message& message, std::uint64_t at, const LookupFault& fault) {
    const LookupFault::Words description = fault.words();
    for (std::uint64_t index = 0; index < description.count; ++index) {
        message.set(at + index, description.words[index]);
    }
    return at + description.count;
}

/// Writes the words that belong to an error code; returns how many.
std::uint64_t put_error(const Message& message, const SyscallError& error) {
    switch (error.code) {
    case abi::Error::InvalidArgument:
    case abi::Error::InvalidCapability:
    case abi::Error::NotEnoughMemory:
        message.set(0, error.first);
        return 1;
    case abi::Error::RangeError:
        message.set(abi::error_message::range_error::minimum, error.first);
        message.set(abi::error_message::range_error::maximum, error.second);
        return 2;
    case abi::Error::FailedLookup:
        message.set(abi::error_message::failed_lookup::in_source, error.first);
        return put_lookup_fault(message, abi::error_message::failed_lookup::failure, error.lookup());
    case abi::Error::NoError:
    case abi::Error::IllegalOperation:
    case abi::Error::AlignmentError:
    case abi::Error::TruncatedMessage:
    case abi::Error::DeleteFirst:
    case abi::Error::RevokeFirst:
        return 0;
    }
    return 0;
}

}  // namespace

void reply_error(const frame::Phase& phase, frame::Ref<Tcb> caller, const SyscallError& error) {
    const Message message = incoming(phase, caller);
    const std::uint64_t length = message.capacity_for(put_error(message, error));
    set_message_head(*caller, frame::no_badge, abi::message_info::make(abi::number(error.code), 0, 0, length));
}

void reply_success(const frame::Phase& phase, frame::Ref<Tcb> caller, const Done& done) {
    const std::uint64_t length = done.results == 0 ? 0 : incoming(phase, caller).capacity_for(done.results);
    set_message_head(*caller, frame::no_badge, abi::message_info::make(0, 0, 0, length));
}

}  // namespace kernel
