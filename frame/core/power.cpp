// SPDX-License-Identifier: GPL-2.0-only
#include <frame/power.hpp>

#include <frame/detail/backend.hpp>

namespace frame {

void halt() {
    backend::halt();
}

}  // namespace frame
