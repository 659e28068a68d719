// SPDX-License-Identifier: GPL-2.0-only
#include <frame/tlb.hpp>

#include <frame/check.hpp>
#include <frame/detail/backend_mmu.hpp>

namespace frame {

void TlbDebt::pay() && {
    const Scope scope = scope_;
    scope_ = Scope::nothing;
    switch (scope) {
    case Scope::nothing:
        return;
    case Scope::page:
        backend::invalidate_page(address_, asid_);
        return;
    case Scope::address_space:
        backend::invalidate_asid(asid_);
        return;
    }
}

void TlbDebt::make_good() {
    verify(false, "a TLB debt was dropped unpaid");
    std::move(*this).pay();
}

}  // namespace frame
