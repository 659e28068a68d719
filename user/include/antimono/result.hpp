// SPDX-License-Identifier: BSD-2-Clause
/// @file
/// Results of invocations: a value or the error that the kernel answered. Needs no C++ standard library.
#pragma once

#include <antimono/runtime.h>

namespace antimono {

/// Why an invocation failed (seL4 manual, "Errors").
class Error {
public:
    constexpr explicit Error(seL4_Error code) : code_{code} {}
    constexpr seL4_Error code() const { return code_; }

    /// As the manual spells it, for example "seL4_RevokeFirst".
    const char* name() const { return rt_error_name(code_); }

    friend constexpr bool operator==(Error left, Error right) { return left.code_ == right.code_; }

private:
    seL4_Error code_;
};

/// A value of `T`, or an Error. It cannot be ignored. The interface is the part of std::expected that such programs
/// use; value types are trivially copyable, as capabilities and handles are.
template <typename T>
class [[nodiscard]] Result {
    static_assert(__is_trivially_copyable(T), "results carry handles, not resources");

public:
    constexpr Result(T value) : value_{value}, error_{seL4_NoError} {}
    constexpr Result(Error error) : none_{}, error_{error} {}

    constexpr bool has_value() const { return error_ == Error{seL4_NoError}; }
    constexpr explicit operator bool() const { return has_value(); }
    constexpr Error error() const { return error_; }

    /// The value; ends the run if there is none.
    constexpr const T& value() const {
        if (!has_value()) {
            RT_PANIC("no value: %s", error_.name());
        }
        return value_;
    }
    constexpr const T& operator*() const { return value(); }
    constexpr const T* operator->() const { return &value(); }

    /// The value; otherwise ends the run and says what did not work.
    const T& expect(const char* what) const {
        if (!has_value()) {
            RT_PANIC("%s: %s", what, error_.name());
        }
        return value_;
    }

    constexpr T value_or(T other) const { return has_value() ? value_ : other; }

    /// `function(value)`, which returns a Result; an error is passed on.
    template <typename Function>
    constexpr auto and_then(Function function) const {
        using Next = decltype(function(value_));
        return has_value() ? function(value_) : Next{error_};
    }

    /// The value changed by `function`; an error is passed on.
    template <typename Function>
    constexpr auto transform(Function function) const {
        using Changed = Result<decltype(function(value_))>;
        return has_value() ? Changed{function(value_)} : Changed{error_};
    }

private:
    union {
        T value_;
        char none_;
    };
    Error error_;
};

/// Success, or an Error.
template <>
class [[nodiscard]] Result<void> {
public:
    constexpr Result() : error_{seL4_NoError} {}
    constexpr Result(Error error) : error_{error} {}

    constexpr bool has_value() const { return error_ == Error{seL4_NoError}; }
    constexpr explicit operator bool() const { return has_value(); }
    constexpr Error error() const { return error_; }

    void expect(const char* what) const {
        if (!has_value()) {
            RT_PANIC("%s: %s", what, error_.name());
        }
    }

    template <typename Function>
    constexpr auto and_then(Function function) const {
        using Next = decltype(function());
        return has_value() ? function() : Next{error_};
    }

private:
    Error error_;
};

/// What a libsel4 stub returned, as a Result.
constexpr Result<void> checked(seL4_Word code) {
    return code == seL4_NoError ? Result<void>{} : Result<void>{Error{static_cast<seL4_Error>(code)}};
}

/// `value` if the stub succeeded.
template <typename T>
constexpr Result<T> checked(seL4_Word code, T value) {
    return code == seL4_NoError ? Result<T>{value} : Result<T>{Error{static_cast<seL4_Error>(code)}};
}

}  // namespace antimono
