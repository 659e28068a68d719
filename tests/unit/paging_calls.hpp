// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <expected>
#include <source_location>
#include <string>

#include "kernel/api/error.hpp"
#include "tests/support/test.hpp"
#include "tests/support/world.hpp"

namespace test {

inline std::string shown(const kernel::SyscallError& error) {
    return std::string{abi::name(error.code)} + " (" + std::to_string(error.first) + ", lookup " +
           std::string{abi::name(error.lookup_failure)} + ", " + std::to_string(error.bits_left) + " bits left)";
}

/// Fails unless an invocation was answered with this error.
inline void check_refused(const kernel::Outcome& outcome, const std::unexpected<kernel::SyscallError>& expected,
                          std::source_location where = std::source_location::current()) {
    if (outcome) {
        fail("succeeded, expected " + shown(expected.error()), where);
    }
    if (!(outcome.error().error() == expected.error())) {
        fail("answered " + shown(outcome.error().error()) + ", expected " + shown(expected.error()), where);
    }
}

inline void check_done(const kernel::Outcome& outcome, std::source_location where = std::source_location::current()) {
    if (!outcome) {
        fail("answered " + shown(outcome.error().error()), where);
    }
}

/// A lookup that found no table, with so many bits of the address left.
inline std::unexpected<kernel::SyscallError> missing(std::uint64_t bits) {
    return kernel::error::failed_lookup(false, kernel::LookupFault::missing_capability(bits));
}
inline std::unexpected<kernel::SyscallError> invalid_root() {
    return kernel::error::failed_lookup(false, kernel::LookupFault::invalid_root());
}

/// A world with a pool, a root that has an ASID and no tables, and a page that is not mapped.
struct PagingCaller : World {
    static constexpr std::uint64_t directory_span = std::uint64_t{1} << 30;
    static constexpr std::uint64_t pdpt_span = std::uint64_t{1} << 39;
    /// The highest address that seL4 lets a mapping touch, its USER_TOP.
    static constexpr std::uint64_t user_top = 0x7fff'ffff'ffff;

    Index pool = make_pool();
    Index root = make_root(pool);
    Index page = carve(abi::ObjectType::Page4K);

    [[nodiscard]] kernel::Outcome map(Index frame, std::uint64_t address, Index to) {
        return map_page(frame, to, address);
    }
    [[nodiscard]] kernel::Outcome map(std::uint64_t address) { return map_page(page, root, address); }
    void make_tables() {
        (void)make_pdpt(root, base);
        (void)make_page_directory(root, base);
        (void)make_page_table(root, base);
    }
};

}  // namespace test
