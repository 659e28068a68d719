// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include "kernel/object/tcb.hpp"

namespace kernel {

/// Says on the console what happened to a thread whose fault nobody can answer. Only presets that print call it.
void print_unhandled_fault(const frame::Phase& phase, frame::Ref<Tcb> tcb, const Fault& fault);

}  // namespace kernel
