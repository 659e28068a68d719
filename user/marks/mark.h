/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once

/// Executes an instruction that does nothing and names a number below 256, for whoever counts what a program executes
/// (marks.S, tools/plugin/marks.h). 0: nothing is to be counted until the next mark.
static inline void mark(unsigned number) {
    extern char marks[];
    ((void (*)(void))(marks + 16 * number))();
}
