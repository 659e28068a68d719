// SPDX-License-Identifier: GPL-2.0-only
#pragma once

#include <cstddef>

#include <frame/detail/object_memory.hpp>

#if __has_feature(address_sanitizer)
#include <sanitizer/asan_interface.h>
#endif

namespace frame::host {

/// Memory that no object lives in stops the process when it is touched. In builds without AddressSanitizer, which are
/// several times as fast, only the shadow's checks of references remain.
#if __has_feature(address_sanitizer)
inline constexpr bool is_poisonable = true;
inline void poison(const void* start, std::size_t size) { ASAN_POISON_MEMORY_REGION(start, size); }
inline void unpoison(const void* start, std::size_t size) { ASAN_UNPOISON_MEMORY_REGION(start, size); }

/// Where AddressSanitizer keeps what it knows of the byte at a window offset.
inline unsigned char* poison_of(std::uint64_t offset) {
    std::size_t scale = 0;
    std::size_t base = 0;
    __asan_get_shadow_mapping(&scale, &base);
    // SAFETY: the sanitizer's documented mapping from addresses to its shadow.
    return reinterpret_cast<unsigned char*>(((detail::window_base + offset) >> scale) + base);
}
#else
inline constexpr bool is_poisonable = false;
inline void poison(const void*, std::size_t) {}
inline void unpoison(const void*, std::size_t) {}
inline unsigned char* poison_of(std::uint64_t) { return nullptr; }
#endif

/// Bytes that one byte of the sanitizer's shadow stands for.
inline constexpr std::uint64_t poison_granule = 8;

}  // namespace frame::host
