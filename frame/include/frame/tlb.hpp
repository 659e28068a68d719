// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>

#include <frame/address.hpp>
#include <frame/cap/vspace.hpp>

namespace frame {

namespace detail {
struct TlbAccess;
}

/// What a change to paging structures still owes: translations that processors may remember although the structures no
/// longer say so (Intel SDM vol. 3A, 4.10.4). Whoever gets one pays it before the kernel entry ends, at best at once; a
/// debt is paid exactly once. Dropping one unpaid stops a checked build and is made good in others, because memory behind
/// a forgotten translation may be donated again.
///
/// Only shrinking access creates debt: processors remember no absent entries (4.10.2.3), so new ones owe nothing.
class [[nodiscard]] TlbDebt {
public:
    /// Nothing changed that a processor could remember.
    TlbDebt() = default;
    TlbDebt(TlbDebt&& other) noexcept : address_{other.address_}, asid_{other.asid_}, scope_{other.scope_} {
        other.scope_ = Scope::nothing;
    }
    TlbDebt(const TlbDebt&) = delete;
    TlbDebt& operator=(const TlbDebt&) = delete;
    TlbDebt& operator=(TlbDebt&&) = delete;
    ~TlbDebt() {
        if (scope_ != Scope::nothing) [[unlikely]] {
            make_good();
        }
    }

    [[nodiscard]] bool is_owed() const { return scope_ != Scope::nothing; }
    /// Makes every core forget what it must.
    void pay() &&;

private:
    friend struct detail::TlbAccess;
    /// How much must be forgotten: one page with the structures above it, or all that belongs to an ASID.
    enum class Scope : std::uint8_t { nothing, page, address_space };

    TlbDebt(Scope scope, Asid asid, UserAddress address) : address_{address}, asid_{asid}, scope_{scope} {}
    void make_good();

    UserAddress address_{};
    Asid asid_ = no_asid;
    Scope scope_ = Scope::nothing;
};

namespace detail {
/// The frame's own way to incur debt.
struct TlbAccess {
    /// The translation of `address` and the structures on the way to it.
    static TlbDebt page(Asid asid, UserAddress address) { return TlbDebt{TlbDebt::Scope::page, asid, address}; }
    /// Everything that is remembered for `asid`.
    static TlbDebt address_space(Asid asid) { return TlbDebt{TlbDebt::Scope::address_space, asid, UserAddress{}}; }
};
}  // namespace detail

}  // namespace frame
