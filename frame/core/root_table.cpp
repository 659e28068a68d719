// SPDX-License-Identifier: GPL-2.0-only
#include <frame/asid.hpp>
#include <frame/detail/backend_mmu.hpp>
#include <frame/detail/table_walk.hpp>
#include <frame/detail/window_memory.hpp>

namespace frame::detail {

/// The kernel's half of a new root: entries that no later act changes, because places are found in the user's half only.
void initialise_pml4(std::uint64_t offset) {
    WindowMemory memory;
    PhysicalAddress at = PhysicalAddress{offset}.plus(user_root_entries << entry_bits);
    for (const std::uint64_t entry : backend::kernel_half()) {
        // Most of it is empty, and so is new memory.
        if (entry != 0) {
            memory.write(at, entry);
        }
        at = at.plus(std::uint64_t{1} << entry_bits);
    }
}

}  // namespace frame::detail
