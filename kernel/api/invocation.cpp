// SPDX-License-Identifier: GPL-2.0-only
#include "kernel/api/invocation.hpp"

#include "kernel/ipc/message.hpp"
#include "kernel/sched/scheduler.hpp"

namespace kernel {

std::uint64_t Invocation::argument(std::uint64_t index) const { return Message{caller_, buffer_}.get(index); }

void Invocation::commit(const frame::Phase& phase) const {
    scheduler(phase).set_state(phase, caller_, ThreadState::restart);
}

void Invocation::set_result(const frame::Phase& phase, std::uint64_t index, std::uint64_t value) const {
    if (call_) {
        incoming(phase, caller_).set(index, value);
    }
}

}  // namespace kernel
