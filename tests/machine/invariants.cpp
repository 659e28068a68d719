// SPDX-License-Identifier: GPL-2.0-only
#include "tests/machine/invariants.hpp"

#include <array>

#include "tests/machine/census.hpp"

namespace test {

namespace {

constexpr std::array all_invariants{
    Invariant{"derivation-list",
              "The capability derivation tree is kept as one doubly linked list of occupied slots "
              "(seL4 manual, 3.2: the tree is what Revoke goes through).",
              check_derivation_list},
    Invariant{"derivation-model",
              "The tree is the one that copying, minting, moving and retyping make: a plain model "
              "of it agrees, node by node (seL4 manual, 3.1.4 and 3.2).",
              check_derivation_model},
    Invariant{"capabilities-live",
              "Every capability names live memory of its own type and size (seL4 manual, 2.4: "
              "memory is reused only when no capability to the object exists).",
              check_capabilities_live},
    Invariant{"watermarks",
              "Everything made from untyped memory lies below its watermark, and nothing overlaps (seL4 "
              "manual, 2.4.1).",
              check_watermarks},
    Invariant{"reply-capabilities",
              "A reply capability names a thread that waits for that reply, and is the only one "
              "to do so (seL4 manual, 4.2.4).",
              check_reply_capabilities},
    Invariant{"interrupt-handlers",
              "An interrupt signals somebody only while a handler capability for it exists "
              "(seL4 manual, 8.1).",
              check_interrupt_handlers},
    Invariant{"wait-queues",
              "The threads that wait at an endpoint or notification are exactly those in its queue, and "
              "their states say so (seL4 manual, 4.2 and 5).",
              check_wait_queues},
    Invariant{"ready-queues",
              "Every thread that may run, but the running one, is in the ready queue of its domain and "
              "priority, and in no other; nothing better than the running thread waits, unless DomainSet has just "
              "brought it there (seL4 manual, 6.1.3 and 6.3).",
              check_ready_queues},
    Invariant{"bound-notifications", "A thread and its bound notification name each other (seL4 manual, 5.3).",
              check_bound_notifications},
    Invariant{"core",
              "The running thread may run, and it, the FPU's owner and the loaded root are alive and belong "
              "together (seL4 manual, 6.1 and 7.1).",
              check_core},
    Invariant{"thread-list",
              "The list of all threads has each TCB once (seL4 manual, 6.1: TCBs exist from Retype to "
              "their last capability).",
              check_thread_list},
    Invariant{"leaf-entries",
              "Every page that a live address space maps is backed by a frame capability mapped there, "
              "with at least those rights (seL4 manual, 7.1.3 and 7.1.4).",
              check_leaf_entries},
    Invariant{"paging-tables",
              "Every table that a live address space reaches is alive, of the right level, and named "
              "by a capability mapped there; the kernel's half is the kernel's (seL4 manual, 7.1.1).",
              check_tables},
    Invariant{"asids", "ASIDs and address spaces agree: a root has one ASID, an ASID one root (seL4 manual, 7.1.2).",
              check_asids},
    Invariant{"no-kernel-memory-mapped",
              "No user mapping reaches memory of the kernel: RAM that is mapped holds "
              "frames and nothing else (seL4 manual, 2.4 and 7.1.3).",
              check_no_kernel_memory_mapped},
    // Last: see `violations`.
    Invariant{"tlb",
              "The processor remembers nothing that the tables no longer say (seL4 manual, 7.1.3: Unmap removes "
              "the mapping).",
              check_tlb},
};

}  // namespace

std::span<const Invariant> invariants() { return all_invariants; }

std::vector<std::uint64_t>& brought_into_domain() {
    static auto* const threads = new std::vector<std::uint64_t>;
    return *threads;
}

std::vector<Violation> violations() {
    const Census census;
    std::vector<Violation> all;
    Found found;
    for (const Invariant& invariant : all_invariants) {
        if (invariant.check == check_tlb && !all.empty()) {
            break;  // it asks the kernel's own tables, which must be sound for that
        }
        invariant.check(census, found);
        for (std::string& what : found) {
            all.push_back({invariant.name, std::move(what)});
        }
        found.clear();
    }
    return all;
}

}  // namespace test
