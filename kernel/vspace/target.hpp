// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>

#include <frame/paging.hpp>
#include "kernel/api/error.hpp"
#include "kernel/api/invocation.hpp"

/// What decoding a mapping has to ask, whatever is mapped.
namespace kernel {

/// Nothing of the user's may reach the last byte below the non-canonical addresses (Intel SDM vol. 1, 3.3.7.1): an
/// instruction there would make SYSRET return to a non-canonical address. So the highest page stays unmapped.
inline constexpr frame::UserAddress user_top{0x7fff'ffff'ffff};

/// The root that the first extra capability, in `argument`, names; InvalidCapability 1 unless it is a PML4 with an ASID.
[[nodiscard]] Result<frame::Pml4Cap> target_root(frame::SlotRef argument [[clang::lifetimebound]]);

/// The root's address space; FailedLookup if its ASID names nothing any more, InvalidCapability 1 if the ASID names another
/// root by now.
[[nodiscard]] Result<frame::VSpace> target_vspace(const frame::Phase& phase [[clang::lifetimebound]],
                                                  const frame::Pml4Cap& root);

/// Why there is no place, as the user is told (seL4 manual, 7.1.1): a missing table with the address bits below it.
[[nodiscard]] std::unexpected<SyscallError> no_place(frame::NoPlace reason);

}  // namespace kernel
