/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once

/** @file Kept for programs that include it; page-fault messages are in sel4/faults.h. */
