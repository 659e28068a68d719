// SPDX-License-Identifier: GPL-2.0-only
#include <frame/power.hpp>

#include <frame/detail/backend.hpp>
#include <frame/time.hpp>

namespace frame {

void halt() { backend::halt(); }

std::uint64_t time_stamp() { return backend::time_stamp(); }

}  // namespace frame
