// SPDX-License-Identifier: GPL-2.0-only
//
// The names of ISO C <stdio.h> that libc++'s headers mention. Nothing here is defined: a use fails to link.
#pragma once

#include <stdarg.h>
#include <stddef.h>

#define EOF (-1)
#define SEEK_SET 0
#define SEEK_CUR 1
#define SEEK_END 2

typedef struct antimono_no_file FILE;
typedef long fpos_t;

#ifdef __cplusplus
// SAFETY: names and signatures are those of ISO C.
extern "C" {
#endif

int remove(const char* path);
int vsnprintf(char* buffer, size_t bytes, const char* format, va_list arguments);

#ifdef __cplusplus
}
#endif
