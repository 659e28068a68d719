// SPDX-License-Identifier: GPL-2.0-only
//
// The memory functions that the compiler and libc++ call (ISO C, string.h). No vector registers: the kernel keeps the
// user's. Bulk work goes by 64-bit words through the string instructions, which real machines accelerate (Intel
// optimisation manual, "REP string operations") and which count one instruction per word under emulation; short
// lengths use overlapping word accesses instead, because REP has a fixed start-up cost.
//
// Compiled without link-time optimisation and with -fno-builtin: otherwise the compiler may recognise the loop inside
// memcpy and replace it by a call to memcpy.
//
// SAFETY of this whole file: each function touches only the `bytes` bytes that its caller vouches for, as ISO C
// demands. Single words are read and written with __builtin_memcpy of a constant size, which is one instruction and
// asks neither for alignment nor for a type.

#include <stddef.h>
#include <stdint.h>

namespace {

/// Lengths up to this many bytes are copied and set word by word. [bytes]
constexpr size_t short_length = 64;

using Byte = unsigned char;

template <typename Word> inline Word load(const Byte* at) {
    Word word;
    // SAFETY: the caller vouches for sizeof(Word) readable bytes.
    __builtin_memcpy(&word, at, sizeof(Word));
    return word;
}

template <typename Word> inline void store(Byte* at, Word word) {
    // SAFETY: the caller vouches for sizeof(Word) writable bytes.
    __builtin_memcpy(at, &word, sizeof(Word));
}

/// Moves sizeof(Word) to twice as many bytes: first and last word, both read before either is written, so that the
/// ranges may overlap.
template <typename Word> inline void move_two_words(Byte* to, const Byte* from, size_t bytes) {
    // SAFETY: sizeof(Word) <= bytes <= 2 * sizeof(Word), so both words lie inside the ranges.
    const Word first = load<Word>(from);
    const Word last = load<Word>(from + bytes - sizeof(Word));
    store(to, first);
    store(to + bytes - sizeof(Word), last);
}

/// Moves 0 to 16 bytes between ranges that may overlap.
inline void move_tiny(Byte* to, const Byte* from, size_t bytes) {
    if (bytes >= 8) {
        move_two_words<uint64_t>(to, from, bytes);
    } else if (bytes >= 4) {
        move_two_words<uint32_t>(to, from, bytes);
    } else if (bytes >= 2) {
        move_two_words<uint16_t>(to, from, bytes);
    } else if (bytes == 1) {
        // SAFETY: one byte is in range.
        *to = *from;
    }
}

/// Copies `bytes` > 16 upwards. The ranges may overlap if `to` lies below `from`.
inline void copy_up(Byte* to, const Byte* from, size_t bytes) {
    // The tail is read first, because copying upwards may overwrite it.
    // SAFETY: bytes > 16, so the last word lies inside the ranges.
    const uint64_t last = load<uint64_t>(from + bytes - 8);
    Byte* const last_at = to + bytes - 8;
    size_t words = (bytes - 1) / 8;
    if (bytes <= short_length) {
        for (; words != 0; --words) {
            // SAFETY: words * 8 < bytes: the word lies inside both ranges.
            store(to, load<uint64_t>(from));
            to += 8;
            from += 8;
        }
    } else {
        // SAFETY: moves words * 8 < bytes bytes upwards; DF is clear inside the kernel.
        asm volatile("rep movsq" : "+D"(to), "+S"(from), "+c"(words) : : "memory");
    }
    store(last_at, last);
}

/// Copies `bytes` > 16 downwards, for ranges that overlap with `to` above `from`. Not with the direction flag set: that
/// is slow on every processor, and DF stays clear inside the kernel.
inline void copy_down(Byte* to, const Byte* from, size_t bytes) {
    // SAFETY: bytes > 16: the first word lies inside the ranges.
    const uint64_t first = load<uint64_t>(from);
    for (size_t end = bytes; end > 8; end -= 8) {
        // SAFETY: 8 < end <= bytes: the word that ends at `end` lies inside both ranges.
        store(to + end - 8, load<uint64_t>(from + end - 8));
    }
    store(to, first);
}

}  // namespace

// SAFETY (C linkage below): names and signatures are those of ISO C, which the compiler's own calls expect.
extern "C" {

/// Copies between ranges that do not overlap.
void* memcpy(void* destination, const void* source, size_t bytes) {
    // SAFETY: plain byte views of the caller's ranges.
    auto* const to = static_cast<Byte*>(destination);
    const auto* const from = static_cast<const Byte*>(source);
    if (bytes <= 16) {
        move_tiny(to, from, bytes);
    } else {
        copy_up(to, from, bytes);
    }
    return destination;
}

/// Copies between ranges that may overlap.
void* memmove(void* destination, const void* source, size_t bytes) {
    // SAFETY: plain byte views of the caller's ranges.
    auto* const to = static_cast<Byte*>(destination);
    const auto* const from = static_cast<const Byte*>(source);
    if (bytes <= 16) {
        move_tiny(to, from, bytes);
        // SAFETY: the addresses are compared as numbers only; the difference wraps if `to` lies below `from`.
    } else if (reinterpret_cast<uintptr_t>(to) - reinterpret_cast<uintptr_t>(from) >= bytes) {
        copy_up(to, from, bytes);
    } else {
        copy_down(to, from, bytes);
    }
    return destination;
}

/// Sets each byte of a range to the low eight bits of `value`.
void* memset(void* destination, int value, size_t bytes) {
    // SAFETY: a plain byte view of the caller's range.
    auto* to = static_cast<Byte*>(destination);
    const uint64_t pattern = uint64_t{static_cast<Byte>(value)} * 0x0101'0101'0101'0101;
    if (bytes < 8) {
        // SAFETY: each byte lies inside the range.
        for (; bytes != 0; --bytes) {
            *to++ = static_cast<Byte>(value);
        }
        return destination;
    }
    // SAFETY: bytes >= 8: the last word lies inside the range.
    store(to + bytes - 8, pattern);
    size_t words = (bytes - 1) / 8;
    if (bytes <= short_length) {
        for (; words != 0; --words) {
            // SAFETY: words * 8 < bytes: the word lies inside the range.
            store(to, pattern);
            to += 8;
        }
    } else {
        // SAFETY: sets words * 8 < bytes bytes upwards; DF is clear inside the kernel.
        asm volatile("rep stosq" : "+D"(to), "+c"(words) : "a"(pattern) : "memory");
    }
    return destination;
}

/// Compares two ranges as unsigned bytes: negative, zero or positive.
int memcmp(const void* left, const void* right, size_t bytes) {
    // SAFETY: plain byte views of the caller's ranges.
    const auto* a = static_cast<const Byte*>(left);
    const auto* b = static_cast<const Byte*>(right);
    for (; bytes >= 8; bytes -= 8) {
        // SAFETY: at least eight bytes remain in both ranges.
        const uint64_t x = __builtin_bswap64(load<uint64_t>(a));
        const uint64_t y = __builtin_bswap64(load<uint64_t>(b));
        if (x != y) {
            return x < y ? -1 : 1;  // big-endian order of the word is the order of its bytes
        }
        a += 8;
        b += 8;
    }
    // SAFETY: `bytes` bytes remain in both ranges.
    for (; bytes != 0; --bytes) {
        if (*a != *b) {
            return *a < *b ? -1 : 1;
        }
        ++a;
        ++b;
    }
    return 0;
}

/// The first byte equal to the low eight bits of `value`, or null.
void* memchr(const void* memory, int value, size_t bytes) {
    // SAFETY: a plain byte view of the caller's range.
    const auto* at = static_cast<const Byte*>(memory);
    // SAFETY: each byte lies inside the range; ISO C makes the caller's constness the caller's matter.
    for (; bytes != 0; --bytes, ++at) {
        if (*at == static_cast<Byte>(value)) {
            return const_cast<Byte*>(at);
        }
    }
    return nullptr;
}

/// Length of a NUL-terminated string, without the NUL. [bytes]
size_t strlen(const char* string) {
    size_t length = 0;
    // SAFETY: the caller vouches for a terminating NUL.
    while (string[length] != '\0') {
        ++length;
    }
    return length;
}

}  // extern "C"
