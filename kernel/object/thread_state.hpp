// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>

namespace kernel {

/// What a thread is doing (seL4 manual, 6.1).
enum class ThreadState : std::uint8_t {
    inactive = 0,                 ///< new or suspended
    running = 1,                  ///< may run
    restart = 2,                  ///< may run, and then repeats what it was doing when it entered the kernel
    blocked_on_receive = 3,       ///< in an endpoint's queue, to receive
    blocked_on_send = 4,          ///< in an endpoint's queue, to send or call
    blocked_on_reply = 5,         ///< waits for the reply to a call or fault
    blocked_on_notification = 6,  ///< in a notification's queue
};

}  // namespace kernel
