/* SPDX-License-Identifier: BSD-2-Clause */
#include "counting.h"

volatile seL4_Word counter;

void count_once(seL4_Word by) { counter += by; }

/// Counts once each time the test lets it, by let_lower_run().
void count_for_ever(seL4_Word by) {
    for (;;) {
        counter += by;
        seL4_TCB_SetSchedParams(seL4_CapInitThreadTCB, seL4_CapInitThreadTCB, seL4_MaxPrio, RT_TEST_PRIORITY);
    }
}

/// Lets a thread of priority `below` run until it gives the processor back or waits. (Threads of equal priority and
/// Yield would do too, were it not for the timer.)
void let_lower_run(void) {
    RT_CHECK(seL4_TCB_SetSchedParams(seL4_CapInitThreadTCB, seL4_CapInitThreadTCB, seL4_MaxPrio, below - 1));
    RT_CHECK(seL4_TCB_SetSchedParams(seL4_CapInitThreadTCB, seL4_CapInitThreadTCB, seL4_MaxPrio, RT_TEST_PRIORITY));
}

void count_received(seL4_Word endpoint) {
    for (;;) {
        seL4_Recv(endpoint, NULL);
        counter++;
    }
}
