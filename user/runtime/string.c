/* SPDX-License-Identifier: BSD-2-Clause */
/// The functions that compilers call by themselves, and the few string functions that programs without a C library
/// miss most. Declared by <string.h>, which a freestanding program may have from its C library's headers or from
/// runtime/include. All are weak: a program that brings its own C library uses that one's.
///
/// Built with -fno-builtin: a compiler would otherwise see what memcpy() does and replace it by a call of memcpy().
#include <string.h>

#define WEAK __attribute__((weak))

WEAK void* memcpy(void* restrict to, const void* restrict from, size_t size) {
    void* result = to;
    __asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(size) : : "memory");
    return result;
}

WEAK void* memmove(void* to, const void* from, size_t size) {
    unsigned char* out = to;
    const unsigned char* in = from;
    if ((size_t)(out - in) >= size) {
        return memcpy(to, from, size);  // copying upwards reads each byte before it is overwritten
    }
    while (size-- != 0) {
        out[size] = in[size];
    }
    return to;
}

WEAK void* memset(void* to, int value, size_t size) {
    void* result = to;
    __asm__ volatile("rep stosb" : "+D"(to), "+c"(size) : "a"(value) : "memory");
    return result;
}

WEAK int memcmp(const void* left, const void* right, size_t size) {
    const unsigned char *a = left, *b = right;
    for (size_t i = 0; i < size; i++) {
        if (a[i] != b[i]) {
            return a[i] - b[i];
        }
    }
    return 0;
}

WEAK size_t strlen(const char* string) {
    size_t length = 0;
    while (string[length] != '\0') {
        length++;
    }
    return length;
}

WEAK char* strcpy(char* restrict to, const char* restrict from) {
    memcpy(to, from, strlen(from) + 1);
    return to;
}

WEAK int strcmp(const char* left, const char* right) {
    while (*left != '\0' && *left == *right) {
        left++;
        right++;
    }
    return (unsigned char)*left - (unsigned char)*right;
}

WEAK int strncmp(const char* left, const char* right, size_t size) {
    for (; size != 0; size--, left++, right++) {
        if (*left != *right || *left == '\0') {
            return (unsigned char)*left - (unsigned char)*right;
        }
    }
    return 0;
}

WEAK char* strchr(const char* string, int character) {
    for (; *string != (char)character; string++) {
        if (*string == '\0') {
            return NULL;
        }
    }
    return (char*)string;
}
