// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstddef>
#include <cstdint>

#include <frame/capability.hpp>
#include <frame/detail/identity.hpp>
#include <frame/detail/window.hpp>
#include <frame/slot.hpp>

/// What checked builds know about donated memory: which object lives in every 16 bytes, and its type. In the kernel these
/// functions do nothing and vanish.
namespace frame::detail {

/// Stands for what lives in a frame: the kernel reads and writes only IPC buffers there.
struct UserMemory;

#ifdef FRAME_CHECKED
/// Notes that [offset, offset + size) holds a new object of the type that `tag` stands for.
void shadow_make(std::uint64_t offset, std::uint64_t size, const void* tag);
/// Notes that the object died; its memory stays inert until it is carved again.
void shadow_kill(std::uint64_t offset, std::uint64_t size);
/// Lets memory be cleared in which nothing lives, and ends that.
void shadow_open(std::uint64_t offset, std::uint64_t size);
void shadow_close(std::uint64_t offset, std::uint64_t size);
/// Stops unless a frame of RAM lives at `offset`.
void shadow_verify_user(std::uint64_t offset);
/// Stops unless the slot lies in live memory that holds slots, and in the same object as when `identity` was taken.
void shadow_verify_slot(const void* slot, Identity identity);
/// Notes which object the capability just written to a slot names, and stops unless a capability read from it names that
/// one still.
void note_named(const Slot& slot, const Capability& cap);
void verify_named(const Slot& slot, const Capability& cap);
/// What happens to capabilities, for the model that the derivation tree is compared with (frame/host/derivation_model).
void observe_copy(const Slot& slot, const Slot& source);
void observe_child(const Slot& slot, const Slot& parent);
void observe_root(const Slot& slot);
void observe_move(const Slot& to, const Slot& from);
void observe_swap(const Slot& a, const Slot& b);
void observe_clear(const Slot& slot);
/// Notes the death of what `cap`, its last capability, names.
void mark_dead(const Capability& cap);
#else
inline void shadow_make(std::uint64_t, std::uint64_t, const void*) {}
inline void shadow_open(std::uint64_t, std::uint64_t) {}
inline void shadow_close(std::uint64_t, std::uint64_t) {}
inline void mark_dead(const Capability&) {}
inline void note_named(const Slot&, const Capability&) {}
inline void verify_named(const Slot&, const Capability&) {}
inline void observe_copy(const Slot&, const Slot&) {}
inline void observe_child(const Slot&, const Slot&) {}
inline void observe_root(const Slot&) {}
inline void observe_move(const Slot&, const Slot&) {}
inline void observe_swap(const Slot&, const Slot&) {}
inline void observe_clear(const Slot&) {}
#endif

}  // namespace frame::detail
