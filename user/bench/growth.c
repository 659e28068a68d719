/* SPDX-License-Identifier: BSD-2-Clause */
/// How cost grows with what there is.
#include "bench.h"

void measure_growth(void) {}
