// SPDX-License-Identifier: BSD-2-Clause
/// @file
/// Typed messages: a struct of words travels as the words of a message, its `label` as the message's label.
#pragma once

#include <antimono/result.hpp>

namespace antimono {

/// What can be the content of a message:
///
///     struct Deposit {
///         static constexpr seL4_Word label = 1;
///         seL4_Word amount;
///     };
template <typename T>
concept MessageBody = __is_trivially_copyable(T) && (__is_empty(T) || sizeof(T) % sizeof(seL4_Word) == 0) &&
                      sizeof(T) <= seL4_MsgMaxLength * sizeof(seL4_Word) && requires { seL4_Word{T::label}; };

/// The number of message words that a body takes.
template <MessageBody T>
inline constexpr seL4_Word word_count = __is_empty(T) ? 0 : sizeof(T) / sizeof(seL4_Word);

/// Places `body` in the calling thread's IPC buffer. Returns the tag to send it with.
template <MessageBody T>
seL4_MessageInfo_t pack(const T& body) {
    if constexpr (word_count<T> != 0) {
        __builtin_memcpy(seL4_GetIPCBuffer()->msg, &body, sizeof(T));
    }
    return seL4_MessageInfo_new(T::label, 0, 0, word_count<T>);
}

/// A message that has arrived. Its words are still in the IPC buffer: take them by as() before the next system call.
class Received {
public:
    Received(seL4_MessageInfo_t info, seL4_Word badge) : info_{info}, badge_{badge} {}

    /// The badge of the capability that the message came through; of a notification, the union of all badges.
    seL4_Word badge() const { return badge_; }
    seL4_Word label() const { return seL4_MessageInfo_get_label(info_); }
    seL4_Word length() const { return seL4_MessageInfo_get_length(info_); }
    seL4_MessageInfo_t info() const { return info_; }

    /// True if the message is a `T` by label and length.
    template <MessageBody T>
    bool is() const {
        return label() == T::label && length() == word_count<T>;
    }

    /// The content as a `T`; seL4_InvalidArgument if it is something else.
    template <MessageBody T>
    Result<T> as() const {
        if (!is<T>()) {
            return Error{seL4_InvalidArgument};
        }
        T body{};
        if constexpr (word_count<T> != 0) {
            __builtin_memcpy(&body, seL4_GetIPCBuffer()->msg, sizeof(T));
        }
        return body;
    }

private:
    seL4_MessageInfo_t info_;
    seL4_Word badge_;
};

}  // namespace antimono
