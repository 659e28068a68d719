// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <array>
#include <cstdint>
#include <expected>

#include <abi/abi.hpp>

namespace kernel {

/// Why a capability address led nowhere (seL4 manual, 3.4 and 6.2.1). Which fields count depends on `kind`. Small, because
/// each result of a lookup has room for one.
struct LookupFault {
    std::uint64_t guard_found = 0;  ///< guard mismatch: the guard
    abi::LookupFailure kind = abi::LookupFailure::NoFailure;
    std::uint8_t bits_left = 0;   ///< address bits not yet resolved (all but invalid root), 0..64
    std::uint8_t bits_found = 0;  ///< depth mismatch: bits the CNode resolves; guard mismatch: the guard's size

    [[nodiscard]] static constexpr LookupFault invalid_root() {
        return LookupFault{.kind = abi::LookupFailure::InvalidRoot};
    }
    [[nodiscard]] static constexpr LookupFault missing_capability(std::uint64_t bits_left) {
        return LookupFault{.kind = abi::LookupFailure::MissingCapability, .bits_left = bits(bits_left)};
    }
    [[nodiscard]] static constexpr LookupFault depth_mismatch(std::uint64_t bits_left, std::uint64_t bits_found) {
        return LookupFault{
            .kind = abi::LookupFailure::DepthMismatch, .bits_left = bits(bits_left), .bits_found = bits(bits_found)};
    }
    [[nodiscard]] static constexpr LookupFault guard_mismatch(std::uint64_t bits_left, std::uint64_t guard,
                                                              std::uint64_t guard_size) {
        return LookupFault{.guard_found = guard,
                           .kind = abi::LookupFailure::GuardMismatch,
                           .bits_left = bits(bits_left),
                           .bits_found = bits(guard_size)};
    }
    friend constexpr bool operator==(const LookupFault&, const LookupFault&) = default;

    /// The words that describe it in a message, `count` of them, in order.
    struct Words {
        std::array<std::uint64_t, 4> words{};
        std::uint64_t count = 0;
    };
    [[nodiscard]] Words words() const;

private:
    /// A number of bits of an address, or of a guard and an index together.
    [[nodiscard]] static constexpr std::uint8_t bits(std::uint64_t count) { return static_cast<std::uint8_t>(count); }
};

/// The answer to a refused invocation (seL4 manual, 10.1): the error code and what its message words hold. Which fields
/// count depends on `code`; `lookup` gathers those that say why a lookup failed.
struct SyscallError {
    std::uint64_t first = 0;   ///< argument index, lower limit, bytes available, or 1 if a lookup failed in the source
    std::uint64_t second = 0;  ///< upper limit, or LookupFault::guard_found
    abi::Error code = abi::Error::NoError;
    abi::LookupFailure lookup_failure = abi::LookupFailure::NoFailure;  ///< LookupFault::kind
    std::uint8_t bits_left = 0;                                         ///< LookupFault::bits_left
    std::uint8_t bits_found = 0;                                        ///< LookupFault::bits_found

    [[nodiscard]] constexpr LookupFault lookup() const {
        return LookupFault{
            .guard_found = second, .kind = lookup_failure, .bits_left = bits_left, .bits_found = bits_found};
    }
    friend constexpr bool operator==(const SyscallError&, const SyscallError&) = default;
};

/// The kernel stopped at a preemption point because an interrupt waits; the thread will make the same call again.
struct Preempted {};

/// Why an invocation did not complete: an error for the user, or preemption.
class [[nodiscard]] Failure {
public:
    explicit(false) constexpr Failure(const SyscallError& error) : error_{error} {}
    explicit(false) constexpr Failure(Preempted) {}
    [[nodiscard]] constexpr bool is_preemption() const { return error_.code == abi::Error::NoError; }
    /// The error; only if this is no preemption.
    [[nodiscard]] constexpr const SyscallError& error() const [[clang::lifetimebound]] { return error_; }

private:
    SyscallError error_{};
};

/// A completed invocation: how many result words it left in the caller's message registers.
struct Done {
    std::uint64_t results = 0;
};

/// What an invocation comes to.
using Outcome = std::expected<Done, Failure>;
static_assert(sizeof(Outcome) <= 4 * sizeof(std::uint64_t), "every entry has some of these on its stack");

/// An act that yields `T` or refuses.
template <class T>
using Result = std::expected<T, SyscallError>;

/// The errors of the manual, one maker each; `std::unexpected` converts to every Outcome and Result.
namespace error {

[[nodiscard]] constexpr std::unexpected<SyscallError> make(const SyscallError& error) { return std::unexpected{error}; }

/// Message word `argument` is wrong in itself.
[[nodiscard]] constexpr auto invalid_argument(std::uint64_t argument) {
    return make(SyscallError{.first = argument, .code = abi::Error::InvalidArgument});
}
/// Capability argument `capability` is of the wrong kind; 0 is the invoked one, 1 the first extra capability.
[[nodiscard]] constexpr auto invalid_capability(std::uint64_t capability) {
    return make(SyscallError{.first = capability, .code = abi::Error::InvalidCapability});
}
[[nodiscard]] constexpr auto illegal_operation() { return make(SyscallError{.code = abi::Error::IllegalOperation}); }
/// A value is outside [minimum, maximum].
[[nodiscard]] constexpr auto range(std::uint64_t minimum, std::uint64_t maximum) {
    return make(SyscallError{.first = minimum, .second = maximum, .code = abi::Error::RangeError});
}
[[nodiscard]] constexpr auto alignment() { return make(SyscallError{.code = abi::Error::AlignmentError}); }
/// A capability or paging structure that the call names is not there.
[[nodiscard]] constexpr auto failed_lookup(bool in_source, const LookupFault& fault) {
    return make(SyscallError{.first = in_source ? 1U : 0U,
                             .second = fault.guard_found,
                             .code = abi::Error::FailedLookup,
                             .lookup_failure = fault.kind,
                             .bits_left = fault.bits_left,
                             .bits_found = fault.bits_found});
}
[[nodiscard]] constexpr auto truncated_message() { return make(SyscallError{.code = abi::Error::TruncatedMessage}); }
[[nodiscard]] constexpr auto delete_first() { return make(SyscallError{.code = abi::Error::DeleteFirst}); }
[[nodiscard]] constexpr auto revoke_first() { return make(SyscallError{.code = abi::Error::RevokeFirst}); }
/// The untyped has `available` bytes left, too few.
[[nodiscard]] constexpr auto not_enough_memory(std::uint64_t available) {
    return make(SyscallError{.first = available, .code = abi::Error::NotEnoughMemory});
}

}  // namespace error

}  // namespace kernel
