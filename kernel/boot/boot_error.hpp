// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>

#include <frame/boot_description.hpp>
#include <frame/text.hpp>
#include "kernel/boot/elf.hpp"

namespace kernel::boot {

/// Why there is no initial thread.
enum class BootFault : std::uint8_t {
    bad_root_cnode_bits,  ///< the command line's value is impossible
    no_module,
    bad_image,             ///< `elf` says why
    image_too_large,       ///< `needed` bytes, at most `available` in one piece
    too_little_memory,     ///< `needed` bytes for one object, at most `available` in one piece
    root_cnode_too_small,  ///< `needed` slots of `available`
};

struct BootError {
    BootFault fault;
    ElfError elf{};
    std::uint64_t needed = 0;
    std::uint64_t available = 0;
};

/// For people: the thing, the reason and the way out.
[[nodiscard]] frame::Text<400> describe(const BootError& error, const frame::BootDescription& description);

}  // namespace kernel::boot
