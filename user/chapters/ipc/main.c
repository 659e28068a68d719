/* SPDX-License-Identifier: BSD-2-Clause */
/// Chapter 4 of the seL4 manual, "Message Passing (IPC)".
#include "support.h"

extern const RtTestGroup endpoint_tests, call_tests, right_tests, cancellation_tests, transfer_tests;

CHAPTER("ipc", endpoint_tests, call_tests, right_tests, cancellation_tests, transfer_tests)
