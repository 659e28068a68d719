/* SPDX-License-Identifier: BSD-2-Clause */
/// The part of C's <string.h> that the runtime implements (runtime/string.c).
#pragma once

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#define restrict __restrict
#endif

void* memcpy(void* restrict to, const void* restrict from, size_t size);
void* memmove(void* to, const void* from, size_t size);
void* memset(void* to, int value, size_t size);
int memcmp(const void* left, const void* right, size_t size);
size_t strlen(const char* string);
char* strcpy(char* restrict to, const char* restrict from);
int strcmp(const char* left, const char* right);
int strncmp(const char* left, const char* right, size_t size);
char* strchr(const char* string, int character);

#ifdef __cplusplus
#undef restrict
}
#endif
