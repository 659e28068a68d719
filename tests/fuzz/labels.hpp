// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <span>

#include <abi/abi.hpp>

namespace test {

/// The invocations of capabilities of a kind, those more than once that the generator is to choose more often. None for
/// kinds that are sent messages to, or that answer to nothing.
std::span<const abi::InvocationLabel> labels_of(abi::CapabilityTag tag);

/// Whether messages through capabilities of this kind go to other threads instead of the kernel.
bool is_ipc(abi::CapabilityTag tag);

}  // namespace test
