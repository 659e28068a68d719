// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <frame/inventory.hpp>
#include "kernel/object/tcb.hpp"

namespace kernel {

/// Prints the whole system as text in the capDL language, version 1.1: every object, what it holds and which memory it
/// comes from (DebugSnapshot). `caller` is the thread that asked.
///
/// It goes through the list of all capabilities, one after the other, so it needs no memory of its own, and things half
/// deleted are described as far as they are still there. Comments tell what the language has no words for.
void print_snapshot(const frame::Phase& phase, frame::Ref<Tcb> caller);

/// Declares the object behind the capability in `slot`, the first one to it, with its attributes.
void declare_object(const frame::Phase& phase, frame::SlotRef slot);
/// Lists what the object behind the capability holds: slots, page table entries, address spaces.
void print_contents(const frame::Phase& phase, const frame::Capability& cap);

}  // namespace kernel
