// SPDX-License-Identifier: GPL-2.0-only
#include <frame/asid.hpp>
#include <frame/core.hpp>
#include <frame/detail/backend_mmu.hpp>

namespace frame {

void Core::load_kernel_root() {
    if (root_ == no_root) {
        return;
    }
    backend::load_kernel_root();
    root_ = no_root;
}

}  // namespace frame
