// SPDX-License-Identifier: GPL-2.0-only
//
// The types of ISO C <stdlib.h> that libc++'s headers name. The kernel has no heap and no process to exit.
#pragma once

#include <stddef.h>

typedef struct {
    int quot, rem;
} div_t;
typedef struct {
    long quot, rem;
} ldiv_t;
typedef struct {
    long long quot, rem;
} lldiv_t;
