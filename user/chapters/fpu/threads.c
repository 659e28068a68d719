/* SPDX-License-Identifier: BSD-2-Clause */
#include "threads.h"

static const seL4_Word no_words[4];

static void keep(seL4_Word argument) {
    FpuKeeper* self = (FpuKeeper*)argument;
    FpuImage in, out;
    fpu_pattern(&in, self->seed);
    FpuCall call = {.number = (seL4_Word)seL4_SysRecv, .target = self->wait_for};
    for (;;) {
        fpu_across_call(&in, &out, &call);
        unsigned found = fpu_difference(&out, &in);
        self->changed = self->changed != 0 ? self->changed : found;
        self->rounds++;
        call.number = (seL4_Word)seL4_SysReplyRecv;
        call.info = 0;
    }
}

void fpu_keeper_start(FpuKeeper* keeper, RtPool* pool, seL4_Word priority, seL4_CPtr wait_for, unsigned seed) {
    *keeper = (FpuKeeper){.seed = seed, .wait_for = wait_for};
    start_thread(&keeper->thread, pool, priority, seL4_CapNull, keep, (seL4_Word)keeper);
}

void fpu_expect_kept(const FpuKeeper* keeper, seL4_Word rounds) {
    RT_EXPECT_EQUAL(keeper->rounds, rounds);
    if (keeper->changed != 0) {
        rt_fail(__FILE_NAME__, __LINE__, "the other thread's state changed at byte %u of the image",
                keeper->changed - 1);
    }
}

seL4_MessageInfo_t fpu_expect_across_call(const char* what, unsigned seed, seL4_Word number, seL4_CPtr target,
                                          seL4_MessageInfo_t info, const seL4_Word words[4]) {
    static FpuImage in, out;
    fpu_pattern(&in, seed);
    FpuCall call = {.number = number, .target = target, .info = info.words[0]};
    words = words != NULL ? words : no_words;
    for (int i = 0; i < 4; i++) {
        call.words[i] = words[i];
    }
    seL4_MessageInfo_t answer = {.words = {fpu_across_call(&in, &out, &call)}};
    fpu_expect_same(what, &out, &in);
    return answer;
}

FpuSubject subject;

static void run_subject(seL4_Word unused) {
    (void)unused;
    subject.act(0);
    subject.done = true;
}

void fpu_subject_start(RtPool* pool, RtThreadEntry act, seL4_Word address) {
    subject = (FpuSubject){.faults = make(pool, seL4_EndpointObject), .act = act, .address = address};
    fpu_pattern(&subject.in, 9);
    start_thread(&subject.thread, pool, above, mint(pool, subject.faults, seL4_AllRights, 1), run_subject, 0);
}

void fpu_expect_subject_kept(const char* when) {
    RT_EXPECT(subject.done);
    fpu_expect_same(when, &subject.out, &subject.in);
}
