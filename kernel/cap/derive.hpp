// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <frame/slot.hpp>
#include "kernel/api/error.hpp"

namespace kernel {

/// The capability that a copy of what `slot` holds would be (seL4 manual, 3.1.4): null for kinds that cannot be copied,
/// an error where copying needs something else first.
[[nodiscard]] Result<frame::Capability> derive_capability(frame::SlotRef slot [[clang::lifetimebound]],
                                                          frame::Capability cap [[clang::lifetimebound]]);

/// `cap` with its rights reduced to `rights`, where its kind has rights (seL4 manual, 3.1.4).
[[nodiscard]] frame::Capability mask_rights(frame::Capability cap [[clang::lifetimebound]], frame::Rights rights);

/// `cap` with the badge or guard that the data word of Mint or Mutate sets; null where that is not allowed: an
/// endpoint or notification that has a badge already, unless `preserve` keeps badges, or a guard larger than its size.
[[nodiscard]] frame::Capability update_data(frame::Capability cap [[clang::lifetimebound]], std::uint64_t data,
                                            bool preserve);

/// Rights as a message word carries them.
[[nodiscard]] frame::Rights rights_from_word(std::uint64_t word);

}  // namespace kernel
