/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once

/** @file The configuration that these headers belong to, as CONFIG_ macros. */

#include <autoconf.h>
