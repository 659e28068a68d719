/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once

/** @file Old names of this architecture: none. */

#include <sel4/config.h>
