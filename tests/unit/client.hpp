// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <array>

#include "tests/unit/program.hpp"

namespace test {

/// Rights as CNode_Mint takes them.
inline constexpr std::uint64_t write_right = 1;
inline constexpr std::uint64_t read_right = 2;
inline constexpr std::uint64_t grant_right = 4;
inline constexpr std::uint64_t grant_reply_right = 8;

/// Messages that fit into registers, and that do not.
inline const std::array messages{Words{},
                                 Words{1},
                                 Words{1, 2},
                                 Words{1, 2, 3},
                                 Words{1, 2, 3, 4},
                                 Words{1, 2, 3, 4, 5},
                                 Words{1, 2, 3, 4, 5, 6, 7}};

/// The initial thread as a client of the base system's better thread, which waits at `service`.
struct Client : Program {
    /// The endpoint at which the server waits.
    static constexpr std::uint64_t service = BaseSystem::other_endpoint;

    Client() { Machine::checkpoint(); }
    /// Everything is again as it was in the beginning.
    void start_again() {
        machine.restore();
        server_ = nullptr;
    }
    /// The server, which waits. A capability that is passed to it arrives at `slot + 8`.
    kernel::Tcb& server() {
        if (server_ == nullptr) {
            system_call(abi::Syscall::Send, service);
            CHECK(!initial_runs());
            server_ = &machine.running();
            machine.perform(Step{.call = abi::number(abi::Syscall::Recv),
                                 .capability = service,
                                 .receive = {{BaseSystem::space_plain, slot + 8, radix}}});
            CHECK(initial_runs());
        }
        return *server_;
    }

private:
    kernel::Tcb* server_ = nullptr;
};

}  // namespace test
