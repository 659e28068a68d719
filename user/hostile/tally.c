/* SPDX-License-Identifier: BSD-2-Clause */
/// What became of the calls, by label and result.
#include "hostile.h"

/// Results are the errors, and what is none.
enum { result_message = seL4_NumErrors, result_none, result_count, fault_kinds = 8 };

/// Answers to Call, for each label and for all numbers that are no label.
static uint64_t answers[label_limit + 1][result_count];

/// The other system calls: how many returned, and how many did not.
typedef struct SystemCall {
    const char* name;
    seL4_Word number;
    uint64_t returned, stayed;
} SystemCall;
static SystemCall system_calls[] = {
    {"Send", (seL4_Word)seL4_SysSend, 0, 0},
    {"NBSend", (seL4_Word)seL4_SysNBSend, 0, 0},
    {"Recv", (seL4_Word)seL4_SysRecv, 0, 0},
    {"NBRecv", (seL4_Word)seL4_SysNBRecv, 0, 0},
    {"Reply", (seL4_Word)seL4_SysReply, 0, 0},
    {"ReplyRecv", (seL4_Word)seL4_SysReplyRecv, 0, 0},
    {"Yield", (seL4_Word)seL4_SysYield, 0, 0},
#ifdef CONFIG_SET_TLS_BASE_SELF
    {"SetTLSBase", (seL4_Word)seL4_SysSetTLSBase, 0, 0},
#endif
    {"(no system call)", 0, 0, 0},
};
enum { system_call_kinds = sizeof system_calls / sizeof *system_calls };

static uint64_t calls, invocations, successes, nonsense, recoveries;
static uint64_t faults[fault_kinds];

static void count(const Call* call, unsigned result) {
    if (call->kind != 0) {
        nonsense++;
        return;
    }
    calls++;
    if (call->registers.rdx == (seL4_Word)seL4_SysCall) {
        seL4_Word label = call->registers.rsi >> 12;
        invocations++;
        successes += result == seL4_NoError;
        answers[label < label_limit ? label : label_limit][result]++;
        return;
    }
    unsigned which = 0;
    while (which < system_call_kinds - 1 && system_calls[which].number != call->registers.rdx) {
        which++;
    }
    *(result == result_none ? &system_calls[which].stayed : &system_calls[which].returned) += 1;
}

void tally_answer(const Call* call, uint64_t info) {
    count(call, info >> 12 < seL4_NumErrors ? (unsigned)(info >> 12) : result_message);
}

void tally_no_answer(const Call* call) { count(call, result_none); }

void tally_fault(uint64_t label) { faults[label < fault_kinds ? label : 0]++; }

void tally_recovery(void) { recoveries++; }

uint64_t tally_calls(void) { return calls; }
uint64_t tally_successes(void) { return successes; }

static unsigned long percent_of(uint64_t part, uint64_t whole) { return whole == 0 ? 0 : part * 100 / whole; }

void tally_progress(uint64_t rounds) {
    rt_printf("hostile: %lu calls, %lu %% of the invocations succeeded; %lu rounds, %lu recoveries\n", calls,
              percent_of(successes, invocations), rounds, recoveries);
}

static void print_answers(seL4_Word label) {
    uint64_t total = 0;
    for (unsigned result = 0; result < result_count; result++) {
        total += answers[label][result];
    }
    if (total == 0) {
        return;
    }
    rt_printf("  %-28s %9lu:", label_name(label), total);
    for (unsigned result = 0; result < result_count; result++) {
        if (answers[label][result] != 0) {
            const char* name = result == result_none      ? "no answer"
                               : result == result_message ? "message"
                                                          : rt_error_name((seL4_Error)result) + 5;
            rt_printf(" %s %lu", name, answers[label][result]);
        }
    }
    rt_printf("\n");
}

void tally_print(void) {
    rt_printf("hostile: invocations by label and answer\n");
    for (seL4_Word label = 0; label <= label_limit; label++) {
        print_answers(label);
    }
    rt_printf("hostile: other system calls\n");
    for (unsigned i = 0; i < system_call_kinds; i++) {
        rt_printf("  %-28s %9lu: returned %lu, no answer %lu\n", system_calls[i].name,
                  system_calls[i].returned + system_calls[i].stayed, system_calls[i].returned, system_calls[i].stayed);
    }
    static const char* const names[fault_kinds] = {[seL4_Fault_CapFault] = "capability faults",
                                                   [seL4_Fault_UnknownSyscall] = "unknown system calls",
                                                   [seL4_Fault_UserException] = "user exceptions",
                                                   [seL4_Fault_VMFault] = "VM faults"};
    rt_printf("hostile: the supervisor heard of");
    uint64_t others = 0;
    for (unsigned i = 0; i < fault_kinds; i++) {
        if (names[i] == NULL) {
            others += faults[i];
        } else {
            rt_printf(" %lu %s,", faults[i], names[i]);
        }
    }
    rt_printf(" %lu other messages,", others);
    rt_printf(" brought workers back %lu times, and ran %lu pieces of senseless code\n", recoveries, nonsense);
    rt_printf("hostile: %lu calls, of them %lu invocations, of which %lu (%lu %%) succeeded\n", calls, invocations,
              successes, percent_of(successes, invocations));
}
