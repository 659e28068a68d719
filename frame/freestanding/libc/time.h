// SPDX-License-Identifier: GPL-2.0-only
//
// The types of ISO C <time.h> that libc++'s headers name.
#pragma once

#include <stddef.h>

typedef long time_t;
typedef long clock_t;
struct tm;
struct timespec {
    time_t tv_sec;
    long tv_nsec;
};
