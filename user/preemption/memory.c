/* SPDX-License-Identifier: BSD-2-Clause */
#include "scenario.h"

void retype_large(void) {
    static seL4_CPtr large;
    RT_CHECK(rt_take_untyped(parameters.retype_bits, &large));
    rt_printf("  2^%lu bytes\n", parameters.retype_bits);
    // Twice: the first one uses up the memory, so that the second has to clear all of it.
    for (int i = 0; i < 2; i++) {
        if (i == 1) {
            measure_begin();
        }
        RT_CHECK(seL4_Untyped_Retype(large, seL4_UntypedObject, parameters.retype_bits, OWN, 0, 0, slots, 1));
        measure_end();
        RT_CHECK(seL4_CNode_Revoke(OWN, large, seL4_WordBits));
    }
}

static void retype_most(seL4_Word type, seL4_Word bits) {
    measure_begin();
    RT_CHECK(seL4_Untyped_Retype(memory, type, bits, OWN, 0, 0, slots, CONFIG_RETYPE_FAN_OUT_LIMIT));
    measure_end();
}

void retype_tcbs(void) { retype_most(seL4_TCBObject, 0); }
void retype_pml4s(void) { retype_most(seL4_X64_PML4Object, 0); }
void retype_cnodes(void) { retype_most(seL4_CapTableObject, 4); }
void retype_frames(void) { retype_most(seL4_X86_4K, 0); }
void retype_tables(void) { retype_most(seL4_X86_PageTableObject, 0); }
