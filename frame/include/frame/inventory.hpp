// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <optional>

#include <abi/abi.hpp>
#include <frame/cap/vspace.hpp>
#include <frame/slot.hpp>

/// All there is, for people who debug: every capability in the system, what paging structures hold, and where objects lie.
/// Looking changes nothing.
namespace frame {

/// Configurations with debug calls keep one list of all capabilities; elsewhere each capability without a parent begins
/// one of its own, and the functions below find nothing.
inline constexpr bool has_inventory = abi::config::debug_build && abi::config::printing;

/// Where the list of all capabilities begins.
class Inventory {
public:
    constexpr explicit Inventory(Birth birth) : anchor_{birth} {}
    Inventory(const Inventory&) = delete;
    Inventory& operator=(const Inventory&) = delete;

private:
    friend struct detail::SlotAccess;
    Slot anchor_;  ///< stays empty; every capability without a parent is put right behind it
};

/// Every capability, wherever its slot is: descendants follow their ancestors, and all capabilities to one object follow
/// each other.
[[nodiscard]] std::optional<SlotRef> first_capability(const Phase& phase [[clang::lifetimebound]]);
[[nodiscard]] std::optional<SlotRef> next_capability(const Phase& phase [[clang::lifetimebound]], SlotRef slot);
/// The capability before this one, if there is one.
[[nodiscard]] std::optional<SlotRef> previous_capability(const Phase& phase [[clang::lifetimebound]], SlotRef slot);

/// Where the object lies that a capability names: a number that tells it from others of its kind. 0 for capabilities to
/// something that lies nowhere.
[[nodiscard]] PhysicalAddress object_address(const Capability& cap);

/// The same number for an object at hand.
template <class T>
[[nodiscard]] PhysicalAddress object_address(Ref<T> object) {
    return PhysicalAddress{detail::RefFactory::offset(object)};
}

/// What one entry of a paging structure leads to.
struct TableEntry {
    enum class Kind : std::uint8_t { nothing, table, page };
    Kind kind = Kind::nothing;
    PhysicalAddress address{};  ///< of the table or page
    bool is_user = false;
    bool is_writable = false;
    bool is_cached = true;
};

/// Entry `index`, below 512, of the table that a capability names; what a root has of the kernel's half is nothing.
[[nodiscard]] TableEntry table_entry(const Phase& phase, const PageTableCap& table, std::uint64_t index);
[[nodiscard]] TableEntry table_entry(const Phase& phase, const PageDirectoryCap& table, std::uint64_t index);
[[nodiscard]] TableEntry table_entry(const Phase& phase, const PdptCap& table, std::uint64_t index);
[[nodiscard]] TableEntry table_entry(const Phase& phase, const Pml4Cap& table, std::uint64_t index);

}  // namespace frame
