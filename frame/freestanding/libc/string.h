// SPDX-License-Identifier: GPL-2.0-only
//
// The part of ISO C <string.h> that libc++'s headers and the compiler itself need. Defined in
// frame/freestanding/memory.cpp, except where a comment says that nothing may call it.
#pragma once

#include <stddef.h>

#ifdef __cplusplus
// SAFETY: names and signatures are those of ISO C.
extern "C" {
#endif

void* memcpy(void* destination, const void* source, size_t bytes);
void* memmove(void* destination, const void* source, size_t bytes);
void* memset(void* destination, int value, size_t bytes);
int memcmp(const void* left, const void* right, size_t bytes);
void* memchr(const void* memory, int value, size_t bytes);
size_t strlen(const char* string);

// Named by <cstring> and <cwchar>, never called: a use fails to link.
char* strchr(const char* string, int value);
char* strpbrk(const char* string, const char* set);
char* strrchr(const char* string, int value);
char* strstr(const char* string, const char* part);

#ifdef __cplusplus
}
#endif
