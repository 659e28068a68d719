// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <optional>

#include <frame/console.hpp>
#include <frame/inventory.hpp>
#include "kernel/object/tcb.hpp"

namespace kernel {

/// What people call an object: its kind in the capDL language and a number that no other of its kind has, mostly where it
/// lies in physical memory.
struct ObjectName {
    enum class Kind : std::uint8_t {
        untyped,
        endpoint,
        notification,
        cnode,
        thread,
        frame,
        page_table,
        page_directory,
        pdpt,
        pml4,
        asid_pool,
        irq,
        io_ports,
    };
    Kind kind = Kind::untyped;
    std::uint64_t number = 0;
    std::uint64_t second = 0;  ///< untyped memory: log2 of its size; I/O ports: the last one; otherwise 0
    friend constexpr bool operator==(ObjectName, ObjectName) = default;
};

/// The object that a capability names; nothing for one that names none, such as the IRQ control capability.
[[nodiscard]] std::optional<ObjectName> name_of(const frame::Capability& cap);

/// The kind of object as capDL calls it.
[[nodiscard]] std::string_view keyword(ObjectName::Kind kind);

/// Prints text that a program chose: what could end the line or a quotation becomes a question mark.
void print_characters(frame::Console& console, std::string_view text);

/// Prints what DebugNameThread called a thread, in quotes with a blank before; nothing if it was not called anything.
void print_thread_name(frame::Console& console, const Tcb& tcb);

/// Prints the name, for example `cnode_0x1ffc0000`.
void print(frame::Console& console, ObjectName name);

}  // namespace kernel
