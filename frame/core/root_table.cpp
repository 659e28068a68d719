// SPDX-License-Identifier: GPL-2.0-only
#include <frame/asid.hpp>
#include <frame/detail/backend_mmu.hpp>
#include <frame/detail/table_walk.hpp>
#include <frame/detail/window_memory.hpp>

namespace frame::detail {

/// The kernel's half of a new root: entries that no later act changes, because places are found in the user's half only.
void initialise_pml4(std::uint64_t offset) {
    const WindowMemory memory;
    const PhysicalAddress half = PhysicalAddress{offset}.plus(user_root_entries << entry_bits);
    const std::span entries = backend::kernel_half();
    // From the top down as far as it is used; new memory is empty, as is the rest.
    for (std::uint64_t index = entries.size(); index > 0 && entries[index - 1] != 0; --index) {
        memory.write(half.plus((index - 1) << entry_bits), entries[index - 1]);
    }
}

}  // namespace frame::detail
