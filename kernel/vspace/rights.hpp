// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <frame/cap/ipc.hpp>
#include <frame/cap/vspace.hpp>

namespace kernel {

/// The most that a mapping with these capability rights allows (seL4 manual, 7.1.4). Grant rights mean nothing here, and
/// the hardware has no write-only pages: without the read right, a page is the kernel's alone.
[[nodiscard]] constexpr frame::VmRights vm_rights_of(frame::Rights rights) {
    if (!rights.read) {
        return frame::VmRights::kernel_only;
    }
    return rights.write ? frame::VmRights::read_write : frame::VmRights::read_only;
}

}  // namespace kernel
