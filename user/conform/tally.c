/* SPDX-License-Identifier: BSD-2-Clause */
/// Which types of objects random scripts make, use and remove: by the model's knowledge of slots before and after each step
/// that succeeded.
#include "model.h"

enum Tally {
    tally_made,     // by Retype, or by the invocation that makes such capabilities
    tally_used,     // invoked, sent to or received from, or an argument of an invocation
    tally_removed,  // its slot became empty by Delete or Revoke
    tallies,
};

/// The kinds of the model, then what only exists from boot.
enum { first_control = kinds, rows = kinds + 4 };

static const char* const names[rows] = {
    [kind_cnode] = "cnode",
    [kind_untyped] = "untyped",
    [kind_device] = "device_untyped",
    [kind_endpoint] = "endpoint",
    [kind_notification] = "notification",
    [kind_tcb] = "tcb",
    [kind_frame] = "frame_4k",
    [kind_large_frame] = "frame_2m",
    [kind_huge_frame] = "frame_1g",
    [kind_page_table] = "page_table",
    [kind_directory] = "page_directory",
    [kind_pdpt] = "pdpt",
    [kind_pml4] = "pml4",
    [kind_asid_pool] = "asid_pool",
    [kind_irq_handler] = "irq_handler",
    [kind_io_port] = "io_port",
    [kind_reply] = "reply",
    [first_control + (control_irq & 3)] = "irq_control",
    [first_control + (control_io_port & 3)] = "io_port_control",
    [first_control + (control_domain & 3)] = "domain",
    [first_control + (control_asid & 3)] = "asid_control",
};

static uint64_t counts[rows][tallies];
static uint8_t before[model_slots];  // kinds of the slots

static void use(seL4_Word address) {
    if (address < model_slots) {
        counts[before[address]][tally_used]++;
    } else if (address >> 2 == control_irq >> 2) {
        counts[first_control + (address & 3)][tally_used]++;
    }
}

void tally_before(const Step* step, enum Outcome outcome) {
    for (unsigned i = 0; i < model_slots; i++) {
        before[i] = model.slots[i].kind;
    }
    if (step->operation != operation_syscall ||
        (outcome != outcome_success && outcome != outcome_done && outcome != outcome_message)) {
        return;
    }
    use(step->target);
    for (unsigned i = 0; step->call == seL4_SysCall && i < step->cap_count; i++) {
        use(step->caps[i]);
    }
}

void tally_after(const Step* step, enum Outcome outcome) {
    if (step->operation != operation_syscall || step->call != seL4_SysCall || outcome != outcome_success) {
        return;
    }
    seL4_Word label = step->info >> 12;
    bool makes = label == UntypedRetype || label == X86ASIDControlMakePool || label == X86IOPortControlIssue ||
                 label == X86IRQIssueIRQHandlerIOAPIC || label == X86IRQIssueIRQHandlerMSI || label == CNodeSaveCaller;
    bool removes = label == CNodeDelete || label == CNodeRevoke;
    for (unsigned i = 1; i < model_slots; i++) {
        enum Kind kind = (enum Kind)model.slots[i].kind;
        counts[kind][tally_made] += makes && before[i] == kind_empty && kind != kind_empty;
        counts[before[i]][tally_removed] += removes && before[i] != kind_empty && kind == kind_empty;
    }
}

void tally_print(void) {
    for (unsigned row = 0; row < rows; row++) {
        if (names[row] != NULL) {
            rt_printf("@k %s %lu %lu %lu\n", names[row], counts[row][tally_made], counts[row][tally_used],
                      counts[row][tally_removed]);
        }
    }
}
