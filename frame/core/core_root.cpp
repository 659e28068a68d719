// SPDX-License-Identifier: GPL-2.0-only
#include <frame/asid.hpp>
#include <frame/core.hpp>
#include <frame/detail/backend_mmu.hpp>

namespace frame {

void Core::load_root(const VSpace& vspace) {
    const std::uint64_t address = vspace.root().address().value();
    if (root_ == address) {
        return;  // a root has one ASID in its life, so the tag is the same too
    }
    backend::load_root(PhysicalAddress{detail::RefFactory::offset(vspace.root())}, vspace.asid());
    root_ = address;
}

void Core::load_kernel_root() {
    if (root_ == 0) {
        return;
    }
    backend::load_kernel_root();
    root_ = 0;
}

bool Core::has_loaded(Ref<Pml4> root) const { return root_ == root.address().value(); }

}  // namespace frame
