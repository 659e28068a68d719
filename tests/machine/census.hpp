// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstdint>
#include <format>
#include <optional>
#include <string>
#include <vector>

#include <frame/asid.hpp>
#include <frame/core.hpp>
#include <frame/phase.hpp>
#include <frame/slot.hpp>
#include "frame/host/arena.hpp"
#include "kernel/object/endpoint.hpp"
#include "kernel/object/notification.hpp"
#include "kernel/object/tcb.hpp"

namespace test {

/// A capability and the slot that holds it, read without any check.
struct Held {
    std::uint64_t place = 0;  ///< window offset of the slot
    std::uint64_t first = 0;
    std::uint64_t second = 0;
    std::uint64_t next = 0;  ///< link words as they are, marks apart
    std::uint64_t previous = 0;
    bool is_revocable = false;
    bool is_first_badged = false;
    std::uint32_t named = 0;  ///< the object that the capability named when it was written
    std::uint64_t home = 0;   ///< window offset of the object that holds the slot, 0 for kernel state

    [[nodiscard]] abi::CapabilityTag tag() const { return capability().tag(); }
    [[nodiscard]] frame::Capability capability() const {
        return frame::detail::CapabilityFactory::from_words(first, second);
    }
    [[nodiscard]] std::uint64_t address() const { return frame::detail::address_in(first); }
    template <class Kind>
    [[nodiscard]] std::optional<Kind> as() const {
        return capability().as<Kind>();
    }
    template <class Kind>
    [[nodiscard]] bool is() const {
        return tag() == Kind::kind;
    }
};

/// An object of one type that lives now.
template <class T>
struct Living {
    std::uint64_t offset = 0;
    T* object = nullptr;
};

/// All that there is: gathered once, then looked at by every invariant.
class Census {
public:
    Census();

    frame::Phase phase = frame::detail::PhaseFactory::make<frame::Phase>();
    std::vector<Held> held;
    std::vector<Living<kernel::Tcb>> tcbs;
    std::vector<Living<kernel::Endpoint>> endpoints;
    std::vector<Living<kernel::Notification>> notifications;
    std::vector<frame::host::ObjectRecord> objects;
    /// Window offset of the running thread, 0 while idle.
    std::uint64_t current = 0;

    [[nodiscard]] const Held* find(std::uint64_t place) const;
    /// The live object at a window offset, if it starts there and has that type.
    template <class T>
    [[nodiscard]] T* living(std::uint64_t offset) const {
        const auto number = frame::host::Arena::number_at(offset);
        if (number == 0) {
            return nullptr;
        }
        const frame::host::ObjectRecord& record = frame::host::Arena::object(number);
        return record.is<T>() && record.offset == offset ? frame::detail::pointer_at<T>(offset) : nullptr;
    }
    /// TCBs whose last capability became a zombie: they do nothing any more.
    [[nodiscard]] bool is_zombie(std::uint64_t tcb) const;

private:
    void add_slots(frame::Slot* slots, std::size_t count, std::uint64_t home);
    void add_slot(frame::Slot& slot, std::uint64_t home);
    /// Where in `held` a place may be: a hash table with open addressing, a power of two long, 0 for nothing, else 1 + index.
    std::vector<std::uint32_t> index_;
    std::vector<std::uint64_t> zombies_;
};

/// The window offset in a link between slots, whatever is there now.
[[nodiscard]] inline std::uint64_t place_in(std::uint64_t link) {
    return frame::detail::link_place(link) - frame::detail::window_base;
}

/// The object that a stored link leads to, as a window offset; nothing if that object is dead.
[[nodiscard]] inline std::optional<std::uint64_t> link_target(std::uint64_t word) {
    const std::uint64_t offset = frame::detail::link_place(word) - frame::detail::window_base;
    const std::uint64_t tag = (word >> frame::detail::link_tag_shift) & frame::detail::link_tag_mask;
    if (tag != frame::detail::link_tag(offset) || frame::host::Arena::number_at(offset) == 0) {
        return std::nullopt;
    }
    return offset;
}

using Found = std::vector<std::string>;

// Capabilities (invariants_capabilities.cpp)
void check_derivation_list(const Census&, Found&);
void check_derivation_model(const Census&, Found&);
void check_capabilities_live(const Census&, Found&);
void check_watermarks(const Census&, Found&);
void check_reply_capabilities(const Census&, Found&);
void check_interrupt_handlers(const Census&, Found&);
// Threads (invariants_threads.cpp)
void check_wait_queues(const Census&, Found&);
void check_ready_queues(const Census&, Found&);
void check_bound_notifications(const Census&, Found&);
void check_core(const Census&, Found&);
void check_thread_list(const Census&, Found&);
// Address spaces (invariants_memory.cpp)
void check_leaf_entries(const Census&, Found&);
void check_tables(const Census&, Found&);
void check_asids(const Census&, Found&);
void check_no_kernel_memory_mapped(const Census&, Found&);
void check_tlb(const Census&, Found&);

}  // namespace test
