// SPDX-License-Identifier: GPL-2.0-only
//
// Plays the kernel for libsel4. A child process calls each function of the library; its system calls stop it
// (PTRACE_SYSEMU: the host's kernel does not carry them out), the parent prints what lies in the registers and in the
// IPC buffer, overwrites what a kernel overwrites, puts an answer there, and prints what the function made of it.
//
// calls.h is written by exchange.py: `calls`, one entry per function.
#define _GNU_SOURCE
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sel4/sel4.h>
#include <sel4/virtual_client.h>

LIBSEL4_THREAD_LOCAL seL4_IPCBuffer* __sel4_ipc_buffer;
#ifdef CONFIG_KERNEL_INVOCATION_REPORT_ERROR_IPC
LIBSEL4_THREAD_LOCAL char __sel4_print_error;
#endif

// Which registers a call fills, and which ones the kernel answers in.
enum Kind { SEND, REPLY, SEND_NULL, RECEIVE, EXCHANGE, FORWARD, NOTHING };

enum { WORDS = 16, RESULT = 256 };

struct Shared {
    seL4_IPCBuffer buffer;
    seL4_Word words[WORDS];
    seL4_UserContext user;
    seL4_VCPUContext vcpu;
    unsigned char result[RESULT];
};

static struct Shared* shared;
static int label;  // of the answer: 0, then an error

struct Field {
    const char* name;
    unsigned offset, size;
};

struct Call {
    const char* name;
    enum Kind kind;
    void (*make)(void);
    struct Field fields[8];
};

#define STORE(value) memcpy(shared->result, &(value), sizeof(value))

#include "calls.h"

static void prepare(void) {
    for (int i = 0; i < seL4_MsgMaxLength; ++i) shared->buffer.msg[i] = 0x1000u + (unsigned)i;
    for (int i = 0; i < (int)seL4_MsgMaxExtraCaps; ++i) shared->buffer.caps_or_badges[i] = 0x2000u + (unsigned)i;
    for (int i = 0; i < WORDS; ++i) shared->words[i] = 0xd000u + (unsigned)i;
    for (unsigned i = 0; i < sizeof(shared->user) / 8; ++i) ((seL4_Word*)&shared->user)[i] = 0xe000u + i;
    for (unsigned i = 0; i < sizeof(shared->vcpu) / 8; ++i) ((seL4_Word*)&shared->vcpu)[i] = 0xf000u + i;
    memset(shared->result, 0, RESULT);
}

static void child(void) {
    __sel4_ipc_buffer = &shared->buffer;
    ptrace(PTRACE_TRACEME, 0, 0, 0);
    raise(SIGSTOP);
    for (unsigned i = 0; i < sizeof(calls) / sizeof(calls[0]); ++i) {
        for (label = 0; label < 4; label += 3) {
            prepare();
            calls[i].make();
            __asm__ volatile("int3" ::: "memory");
        }
    }
}

static void entered(enum Kind kind, struct user_regs_struct* r) {
    printf("  number=%lld", (long long)r->rdx);
    if (kind != NOTHING && kind != REPLY) printf(" capability=%llx", r->rdi);
    if (kind == SEND || kind == REPLY || kind == SEND_NULL || kind == EXCHANGE || kind == FORWARD)
        printf(" info=%llx", r->rsi);
    if (kind == SEND || kind == REPLY || kind == EXCHANGE || kind == FORWARD) {
        printf(" words=%llx,%llx,%llx,%llx", r->r10, r->r8, r->r9, r->r15);
        for (unsigned i = 4; i < (r->rsi & 127); ++i) printf(",%lx", shared->buffer.msg[i]);
        for (unsigned i = 0; i < (r->rsi >> 7 & 3); ++i) printf(" cap%u=%lx", i, shared->buffer.caps_or_badges[i]);
    }
#ifdef CONFIG_KERNEL_MCS
    if (kind == RECEIVE || kind == EXCHANGE || kind == FORWARD) printf(" reply=%llx", r->r12);
    if (kind == FORWARD) printf(" destination=%llx", r->r13);
#endif
    printf("%s\n", r->rbx == r->rsp ? "" : " stack pointer not kept");
}

// What a kernel leaves behind: SYSCALL's own registers and the stack pointer are lost, the rest stays or is an answer.
static void answer(enum Kind kind, int error, struct user_regs_struct* r) {
    r->rax = r->orig_rax;
    r->orig_rax = (unsigned long long)-1;
    r->rcx = 0x5ca1ab1e5ca1ab1e;
    r->r11 = 0x5ca1ab1e5ca1ab1e;
    r->rsp = 0x5ca1ab1e5ca1ab18;
    if (kind == RECEIVE || kind == EXCHANGE || kind == FORWARD) {
        r->rdi = 0xb0b1b2b3b4b5b6b7;
        r->rsi = (unsigned long long)error << 12 | 20;
        r->r10 = 0xa0a1a2a3a4a5a6a7;
        r->r8 = 0xa8a9aaabacadaeaf;
        r->r9 = 0x9091929394959697;
        r->r15 = 0x98999a9b9c9d9e9f;
        for (int i = 4; i < seL4_MsgMaxLength; ++i) shared->buffer.msg[i] = 0xc000u + (unsigned)i;
    }
    if (kind == NOTHING) {
        r->rdi = 0x5ca1ab1e5ca1ab1e;
        r->rsi = 0x5ca1ab1e5ca1ab1e;
    }
}

static void left(const struct Call* call, int error) {
    printf("  buffer=%lx,%lx,%lx,%lx", shared->buffer.msg[0], shared->buffer.msg[1], shared->buffer.msg[2],
           shared->buffer.msg[3]);
    for (const struct Field* f = call->fields; f->name; ++f) {
        unsigned long value = 0;
        memcpy(&value, shared->result + f->offset, f->size);
        printf(" %s=%lx", f->name, value);
        // A structure says no more than that there was an error.
        if (error && strcmp(f->name, "error") == 0) break;
    }
    for (unsigned i = 0; i < WORDS; ++i)
        if (shared->words[i] != 0xd000u + i) printf(" argument%u=%lx", i, shared->words[i]);
    for (unsigned i = 0; i < sizeof(shared->user) / 8; ++i)
        if (((seL4_Word*)&shared->user)[i] != 0xe000u + i) printf(" user%u=%lx", i, ((seL4_Word*)&shared->user)[i]);
    printf("\n");
}

int main(void) {
    shared = mmap(0, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED) {
        perror("mmap");
        return 2;
    }
    pid_t pid = fork();
    if (pid == 0) {
        child();
        _exit(0);
    }
    int status;
    waitpid(pid, &status, 0);
    if (ptrace(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL)) {
        perror("ptrace");
        return 2;
    }
    const unsigned count = sizeof(calls) / sizeof(calls[0]);
    for (unsigned i = 0; i < 2 * count;) {
        const struct Call* call = &calls[i / 2];
        int error = i % 2 ? 3 : 0;
        if (ptrace(PTRACE_SYSEMU, pid, 0, 0)) {
            perror("PTRACE_SYSEMU");
            return 2;
        }
        waitpid(pid, &status, 0);
        if (!WIFSTOPPED(status)) {
            fprintf(stderr, "%s: the child ended with status %x\n", call->name, status);
            return 1;
        }
        if (WSTOPSIG(status) == (SIGTRAP | 0x80)) {
            struct user_regs_struct registers;
            ptrace(PTRACE_GETREGS, pid, 0, &registers);
            printf("%s %d\n", call->name, error);
            entered(call->kind, &registers);
            answer(call->kind, error, &registers);
            ptrace(PTRACE_SETREGS, pid, 0, &registers);
        } else if (WSTOPSIG(status) == SIGTRAP) {
            left(call, error);
            ++i;
        } else {
            fprintf(stderr, "%s: the child got signal %d\n", call->name, WSTOPSIG(status));
            return 1;
        }
    }
    kill(pid, SIGKILL);
    return 0;
}
