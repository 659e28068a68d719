// SPDX-License-Identifier: GPL-2.0-only
// expect: 'insert_root' is a private member of 'frame::SlotRef'
// needs: warnings
#include <frame/slot.hpp>

namespace kernel {

void forget_the_parent(frame::SlotRef from, frame::SlotRef to) { to.insert_root(from.capability()); }

}  // namespace kernel
