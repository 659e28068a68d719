// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <frame/user_context.hpp>

namespace kernel {

/// Where a thread keeps the word that system calls pass in each role.
namespace call_register {
inline constexpr frame::Register capability = frame::Register::rdi;
inline constexpr frame::Register badge = frame::Register::rdi;
inline constexpr frame::Register info = frame::Register::rsi;
inline constexpr frame::Register number = frame::Register::rdx;
}  // namespace call_register

}  // namespace kernel
