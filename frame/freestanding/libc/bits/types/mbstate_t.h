// SPDX-License-Identifier: GPL-2.0-only
//
// libc++ names this type in <string_view>; the kernel has no multibyte text.
#pragma once

typedef struct antimono_mbstate {
    int unused;
} mbstate_t;
typedef mbstate_t __mbstate_t;
