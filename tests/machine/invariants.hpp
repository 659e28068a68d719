// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace test {

class Census;

/// Something that holds between any two kernel entries.
struct Invariant {
    std::string_view name;
    /// What, and where the manual says so.
    std::string_view sentence;
    /// Adds a sentence to the list for each place where it does not hold.
    void (*check)(const Census& census, std::vector<std::string>& found);
};

[[nodiscard]] std::span<const Invariant> invariants();

struct Violation {
    std::string_view invariant;
    std::string what;
};

/// Threads that DomainSet_Set brought into the running domain, as window offsets. As on seL4 that asks for no decision, so
/// the running thread goes on before them although they are better, until the scheduler decides again.
[[nodiscard]] std::vector<std::uint64_t>& brought_into_domain();

/// Checks all invariants against the system as it is now. Works on raw memory, so that a broken system is described and
/// not tripped over.
[[nodiscard]] std::vector<Violation> violations();

}  // namespace test
