/* SPDX-License-Identifier: BSD-2-Clause */
/// Machine code that a program should not run, in random order, with random registers.
#include "hostile.h"

typedef struct Fragment {
    uint8_t length, bytes[11];
} Fragment;

#define CODE(...)                                         \
    {                                                     \
        sizeof((uint8_t[]){__VA_ARGS__}), { __VA_ARGS__ } \
    }

static const Fragment fragments[] = {
    CODE(0x0f, 0x05),                                            // syscall
    CODE(0x0f, 0x05),                                            // and again: the most likely way in
    CODE(0x0f, 0x34),                                            // sysenter
    CODE(0x0f, 0x07),                                            // sysret
    CODE(0x48, 0x0f, 0x07),                                      // sysretq
    CODE(0x0f, 0x35),                                            // sysexit
    CODE(0xf4),                                                  // hlt
    CODE(0xfa),                                                  // cli
    CODE(0xfb),                                                  // sti
    CODE(0xcc),                                                  // int3
    CODE(0xf1),                                                  // int1
    CODE(0xcd, 0x80),                                            // int 0x80
    CODE(0xcd, 0x08),                                            // int 8: double fault, if it were one
    CODE(0xcd, 0x0e),                                            // int 14
    CODE(0xcd, 0x02),                                            // int 2
    CODE(0xcd, 0x20),                                            // int 32
    CODE(0xcd, 0x9f),                                            // int 159
    CODE(0xcd, 0xff),                                            // int 255
    CODE(0xcb),                                                  // far return
    CODE(0xff, 0x2c, 0x24),                                      // far jump through the stack
    CODE(0x0f, 0x01, 0xf8),                                      // swapgs
    CODE(0x0f, 0x20, 0xc0),                                      // mov cr0 to rax
    CODE(0x0f, 0x22, 0xd8),                                      // mov rax to cr3
    CODE(0x0f, 0x22, 0xe0),                                      // mov rax to cr4
    CODE(0x44, 0x0f, 0x22, 0xc0),                                // mov rax to cr8
    CODE(0x0f, 0x23, 0xf8),                                      // mov rax to dr7
    CODE(0x0f, 0x30),                                            // wrmsr
    CODE(0x0f, 0x32),                                            // rdmsr
    CODE(0x0f, 0x01, 0xd1),                                      // xsetbv
    CODE(0x0f, 0x01, 0xd0),                                      // xgetbv
    CODE(0x0f, 0x01, 0x10),                                      // lgdt
    CODE(0x0f, 0x01, 0x18),                                      // lidt
    CODE(0x0f, 0x01, 0x00),                                      // sgdt
    CODE(0x0f, 0x00, 0xd0),                                      // lldt
    CODE(0x0f, 0x00, 0xd8),                                      // ltr
    CODE(0x0f, 0x00, 0xc8),                                      // str
    CODE(0x0f, 0x01, 0xf0),                                      // lmsw
    CODE(0x0f, 0x06),                                            // clts
    CODE(0x0f, 0x08),                                            // invd
    CODE(0x0f, 0x09),                                            // wbinvd
    CODE(0x0f, 0x01, 0x38),                                      // invlpg
    CODE(0x0f, 0x01, 0xc8),                                      // monitor
    CODE(0x0f, 0x01, 0xc9),                                      // mwait
    CODE(0x0f, 0x01, 0xc1),                                      // vmcall
    CODE(0x0f, 0x01, 0xd8),                                      // vmrun
    CODE(0x0f, 0x33),                                            // rdpmc
    CODE(0x0f, 0x31),                                            // rdtsc
    CODE(0x0f, 0xa2),                                            // cpuid
    CODE(0xec),                                                  // in
    CODE(0xee),                                                  // out
    CODE(0x6e),                                                  // outs
    CODE(0x9c),                                                  // pushf
    CODE(0x50, 0x9d),                                            // push rax, popf: all flags at random
    CODE(0x68, 0x02, 0x01, 0, 0, 0x9d),                          // trap flag
    CODE(0x68, 0x02, 0x40, 4, 0, 0x9d),                          // nested task, alignment check
    CODE(0xfd),                                                  // std
    CODE(0x8e, 0xd8),                                            // mov ds, ax
    CODE(0x8e, 0xd0),                                            // mov ss, ax
    CODE(0x66, 0x8c, 0xd0, 0x8e, 0xd0, 0x0f, 0x05),              // ss as it was, in whose shadow follows syscall
    CODE(0x8e, 0xe8),                                            // mov gs, ax
    CODE(0x8e, 0xe0),                                            // mov fs, ax
    CODE(0xf3, 0x48, 0x0f, 0xae, 0xd0),                          // wrfsbase rax
    CODE(0xf3, 0x48, 0x0f, 0xae, 0xd9),                          // wrgsbase rcx
    CODE(0x0f, 0xae, 0x0c, 0x24),                                // fxrstor from the stack
    CODE(0x0f, 0xae, 0x04, 0x24),                                // fxsave
    CODE(0x0f, 0xae, 0x2c, 0x24),                                // xrstor
    CODE(0x0f, 0xae, 0x24, 0x24),                                // xsave
    CODE(0x0f, 0xae, 0x14, 0x24),                                // ldmxcsr
    CODE(0xd9, 0x2c, 0x24),                                      // fldcw
    CODE(0xdb, 0xe3),                                            // fninit
    CODE(0xd9, 0x24, 0x24),                                      // fldenv
    CODE(0x9b),                                                  // fwait
    CODE(0x0f, 0x6f, 0x04, 0x24),                                // movq to mm0
    CODE(0x66, 0x0f, 0xef, 0xc0),                                // pxor xmm0
    CODE(0x0f, 0x5e, 0xc1),                                      // divps
    CODE(0x48, 0xf7, 0xf1),                                      // div rcx
    CODE(0x48, 0xf7, 0xf8),                                      // idiv rax
    CODE(0xc8, 0xff, 0xff, 0x1f),                                // enter, 31 levels
    CODE(0xf3, 0x48, 0xab),                                      // rep stosq
    CODE(0xf3, 0xa4),                                            // rep movsb
    CODE(0x0f, 0x0b),                                            // ud2
    CODE(0xff, 0xe0),                                            // jmp rax
    CODE(0xff, 0xd1),                                            // call rcx
    CODE(0xc3),                                                  // ret
    CODE(0x48, 0x8b, 0x00),                                      // load from rax
    CODE(0x48, 0x89, 0x09),                                      // store to rcx
    CODE(0x8b, 0x04, 0x25, 0, 0, 0, 0x80),                       // load from the kernel's half
    CODE(0xf0, 0x0f, 0xc7, 0xc8),                                // lock cmpxchg8b of a register
    CODE(0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x90),  // prefixes
    CODE(0x2e, 0x3e, 0x26, 0x36, 0x64, 0x65, 0x0f, 0x05),        // syscall with segment prefixes
};

static uint64_t odd_register(void) {
    switch (random_below(4)) {
    case 0:
        return WORKER_STACK + 8 * random_below(512);
    case 1:
        return WORKER_SCRATCH + random_below(160);
    default:
        return odd_word();
    }
}

void generate_nonsense(Call* call) {
    uint64_t* registers = (uint64_t*)&call->registers;
    for (unsigned i = 0; i < sizeof call->registers / sizeof(uint64_t); i++) {
        registers[i] = odd_register();
    }
    if (chance(70)) {
        call->registers.rsp = WORKER_STACK + 2048;
    }
    // System calls of the halting kind are not ours to make in debug builds, nor do they exist in others.
    call->registers.rdx = (uint64_t)-(int64_t)random_below(10);
    for (unsigned i = 0; i < sizeof call->head / sizeof *call->head; i++) {
        call->head[i] = odd_word();
    }
    for (unsigned i = 0; i < sizeof call->tail / sizeof *call->tail; i++) {
        call->tail[i] = odd_word();
    }
    unsigned used = 0;
    const unsigned end = sizeof call->code - 2;
    while (used < end) {
        if (chance(25)) {
            call->code[used++] = (uint8_t)random_word();
            continue;
        }
        const Fragment* fragment = &fragments[random_below(sizeof fragments / sizeof *fragments)];
        for (unsigned i = 0; i < fragment->length && used < end; i++) {
            call->code[used++] = fragment->bytes[i];
        }
    }
    call->code[end] = 0x0f;  // ud2
    call->code[end + 1] = 0x0b;
}
