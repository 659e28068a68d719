// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <optional>
#include <source_location>
#include <string>

#include <frame/detail/backend_mmu.hpp>
#include "tests/support/test.hpp"
#include "tests/support/world.hpp"

namespace test {

/// Fails unless the model MMU, which forgets nothing by itself, remembers only what the tables still say.
inline void check_tlb(std::source_location where = std::source_location::current()) {
    for (const std::string& reason : frame::host::Mmu::instance().stale()) {
        fail(reason, where);
    }
}

/// Where a user program's access to an address goes; none if it faults.
inline std::optional<frame::PhysicalAddress> read(std::uint64_t address) {
    return frame::host::Mmu::instance().access(frame::UserAddress{address}, false);
}
inline std::optional<frame::PhysicalAddress> write(std::uint64_t address) {
    return frame::host::Mmu::instance().access(frame::UserAddress{address}, true);
}

/// A world with an address space that is loaded and has tables for 2 MiB at `base`. After every step the processor must
/// remember nothing stale.
struct LoadedSpace : World {
    Index pool = make_pool();
    Index root = make_root(pool);
    Index pdpt = make_pdpt(root, base);
    Index directory = make_page_directory(root, base);
    Index table = make_page_table(root, base);

    LoadedSpace() { load(root); }

    [[nodiscard]] Index make_page() { return carve(abi::ObjectType::Page4K); }
    [[nodiscard]] frame::PhysicalAddress start_of(Index page) const { return cap<frame::FrameCap>(page).start(); }
    void map(Index page, std::uint64_t address, std::uint64_t rights = all_rights,
             std::source_location where = std::source_location::current()) {
        if (!map_page(page, root, address, rights)) {
            fail("the page could not be mapped", where);
        }
        check_tlb(where);
    }
    void unmap(Index page, std::source_location where = std::source_location::current()) {
        if (!invoke(page, abi::InvocationLabel::X86PageUnmap, {})) {
            fail("the page could not be unmapped", where);
        }
        check_tlb(where);
    }
};

}  // namespace test
