// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstddef>
#include <cstdint>

#include <frame/capability.hpp>
#include <frame/detail/window.hpp>

/// What checked builds know about donated memory: the type and generation of every 16 bytes. In the kernel these
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
/// Stops unless the slot lies in live memory that holds slots.
void shadow_verify_slot(const void* slot);
/// Notes the death of what `cap`, its last capability, names.
void mark_dead(const Capability& cap);
#else
inline void shadow_make(std::uint64_t, std::uint64_t, const void*) {}
inline void shadow_open(std::uint64_t, std::uint64_t) {}
inline void shadow_close(std::uint64_t, std::uint64_t) {}
inline void mark_dead(const Capability&) {}
#endif

}  // namespace frame::detail
