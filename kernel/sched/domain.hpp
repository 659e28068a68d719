// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "kernel/api/invocation.hpp"

namespace kernel {

/// DomainSet Set, ScheduleConfigure and ScheduleSetStart (seL4 manual, 6.3).
[[nodiscard]] Outcome invoke_domain(const frame::Phase& phase, const Invocation& invocation);

}  // namespace kernel
