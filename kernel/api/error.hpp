// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <array>
#include <cstdint>
#include <expected>

#include <abi/abi.hpp>

namespace kernel {

/// Why a capability address led nowhere (seL4 manual, 3.4 and 6.2.1). Which fields count depends on `kind`.
struct LookupFault {
    abi::LookupFailure kind = abi::LookupFailure::NoFailure;
    std::uint64_t bits_left = 0;    ///< address bits not yet resolved (all but invalid root)
    std::uint64_t bits_found = 0;   ///< depth mismatch: bits the CNode resolves; guard mismatch: the guard's size
    std::uint64_t guard_found = 0;  ///< guard mismatch: the guard

    [[nodiscard]] static constexpr LookupFault invalid_root() {
        return LookupFault{.kind = abi::LookupFailure::InvalidRoot};
    }
    [[nodiscard]] static constexpr LookupFault missing_capability(std::uint64_t bits_left) {
        return LookupFault{.kind = abi::LookupFailure::MissingCapability, .bits_left = bits_left};
    }
    [[nodiscard]] static constexpr LookupFault depth_mismatch(std::uint64_t bits_left, std::uint64_t bits_found) {
        return LookupFault{.kind = abi::LookupFailure::DepthMismatch, .bits_left = bits_left, .bits_found = bits_found};
    }
    [[nodiscard]] static constexpr LookupFault guard_mismatch(std::uint64_t bits_left, std::uint64_t guard,
                                                              std::uint64_t guard_size) {
        return LookupFault{.kind = abi::LookupFailure::GuardMismatch,
                           .bits_left = bits_left,
                           .bits_found = guard_size,
                           .guard_found = guard};
    }
    friend constexpr bool operator==(const LookupFault&, const LookupFault&) = default;

    /// The words that describe it in a message, `count` of them, in order.
    struct Words {
        std::array<std::uint64_t, 4> words{};
        std::uint64_t count = 0;
    };
    [[nodiscard]] Words words() const;
};

/// The answer to a refused invocation (seL4 manual, 10.1): the error code and what its message words hold.
struct SyscallError {
    abi::Error code = abi::Error::NoError;
    std::uint64_t first = 0;   ///< argument index, lower limit, bytes available, or 1 if a lookup failed in the source
    std::uint64_t second = 0;  ///< upper limit
    LookupFault lookup{};

    friend constexpr bool operator==(const SyscallError&, const SyscallError&) = default;
};

/// The kernel stopped at a preemption point because an interrupt waits; the thread will make the same call again.
struct Preempted {};

/// Why an invocation did not complete: an error for the user, or preemption.
class [[nodiscard]] Failure {
public:
    explicit(false) constexpr Failure(const SyscallError& error) : error_{error} {}
    explicit(false) constexpr Failure(Preempted) : preempted_{true} {}
    [[nodiscard]] constexpr bool is_preemption() const { return preempted_; }
    /// The error; only if this is no preemption.
    [[nodiscard]] constexpr const SyscallError& error() const [[clang::lifetimebound]] { return error_; }

private:
    SyscallError error_{};
    bool preempted_ = false;
};

/// A completed invocation: how many result words it left in the caller's message registers.
struct Done {
    std::uint64_t results = 0;
};

/// What an invocation comes to.
using Outcome = std::expected<Done, Failure>;

/// An act that yields `T` or refuses.
template <class T>
using Result = std::expected<T, SyscallError>;

/// The errors of the manual, one maker each; `std::unexpected` converts to every Outcome and Result.
namespace error {

[[nodiscard]] constexpr std::unexpected<SyscallError> make(const SyscallError& error) { return std::unexpected{error}; }

/// Message word `argument` is wrong in itself.
[[nodiscard]] constexpr auto invalid_argument(std::uint64_t argument) {
    return make(SyscallError{.code = abi::Error::InvalidArgument, .first = argument});
}
/// Capability argument `capability` is of the wrong kind; 0 is the invoked one, 1 the first extra capability.
[[nodiscard]] constexpr auto invalid_capability(std::uint64_t capability) {
    return make(SyscallError{.code = abi::Error::InvalidCapability, .first = capability});
}
[[nodiscard]] constexpr auto illegal_operation() { return make(SyscallError{.code = abi::Error::IllegalOperation}); }
/// A value is outside [minimum, maximum].
[[nodiscard]] constexpr auto range(std::uint64_t minimum, std::uint64_t maximum) {
    return make(SyscallError{.code = abi::Error::RangeError, .first = minimum, .second = maximum});
}
[[nodiscard]] constexpr auto alignment() { return make(SyscallError{.code = abi::Error::AlignmentError}); }
/// A capability or paging structure that the call names is not there.
[[nodiscard]] constexpr auto failed_lookup(bool in_source, const LookupFault& fault) {
    return make(SyscallError{.code = abi::Error::FailedLookup, .first = in_source ? 1U : 0U, .lookup = fault});
}
[[nodiscard]] constexpr auto truncated_message() { return make(SyscallError{.code = abi::Error::TruncatedMessage}); }
[[nodiscard]] constexpr auto delete_first() { return make(SyscallError{.code = abi::Error::DeleteFirst}); }
[[nodiscard]] constexpr auto revoke_first() { return make(SyscallError{.code = abi::Error::RevokeFirst}); }
/// The untyped has `available` bytes left, too few.
[[nodiscard]] constexpr auto not_enough_memory(std::uint64_t available) {
    return make(SyscallError{.code = abi::Error::NotEnoughMemory, .first = available});
}

}  // namespace error

}  // namespace kernel
