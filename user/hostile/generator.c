/* SPDX-License-Identifier: BSD-2-Clause */
/// Makes calls: most of them fit an invocation's shape, so that they get as far as acting; the rest does not.
#include "message.h"

static const Shape* any_shape(void) {
    static unsigned total;
    if (total == 0) {
        for (unsigned i = 0; i < shape_count; i++) {
            total += shapes[i].weight;
        }
    }
    unsigned left = (unsigned)random_below(total);
    const Shape* shape = shapes;
    while (left >= shape->weight) {
        left -= (shape++)->weight;
    }
    return shape;
}

static seL4_Word system_call(void) {
    unsigned which = (unsigned)random_below(1000);
    if (which < 850) {
        return (seL4_Word)seL4_SysCall;
    }
    static const seL4_Word others[] = {
        (seL4_Word)seL4_SysNBSend,     (seL4_Word)seL4_SysNBSend, (seL4_Word)seL4_SysNBRecv,
        (seL4_Word)seL4_SysNBRecv,     (seL4_Word)seL4_SysReply,  (seL4_Word)seL4_SysReply,
        (seL4_Word)seL4_SysYield,      (seL4_Word)seL4_SysSend,   (seL4_Word)seL4_SysSend,
#ifdef CONFIG_SET_TLS_BASE_SELF
        (seL4_Word)seL4_SysSetTLSBase,
#endif
    };
    if (which < 970) {
        return others[random_below(sizeof others / sizeof *others)];
    }
    if (which < 985) {
        return (seL4_Word)(chance(60) ? seL4_SysRecv : seL4_SysReplyRecv);
    }
#ifdef CONFIG_DEBUG_BUILD
    return (seL4_Word)1 << random_below(20);  // the debug calls stop the system, as they should: none of them
#else
    return chance(70) ? (seL4_Word) - (seL4_Word)random_below(40) : odd_word();
#endif
}

static void set_registers(Call* call, const Message* message, seL4_Word label) {
    unsigned length = chance(92) ? message->length : (unsigned)random_below(128);
    unsigned caps = chance(92) ? message->cap_count : (unsigned)random_below(4);
    seL4_Word info = label << 12 | (chance(97) ? 0 : random_below(8)) << 9 | (seL4_Word)caps << 7 | length;
    seL4_Word* registers = (seL4_Word*)&call->registers;
    for (unsigned i = 0; i < sizeof call->registers / sizeof(seL4_Word); i++) {
        registers[i] = random_word();
    }
    call->registers.rdi = message->invoked;
    call->registers.rsi = info;
    call->registers.rdx = system_call();
    bool receives = call->registers.rdx == (seL4_Word)seL4_SysRecv ||
                    call->registers.rdx == (seL4_Word)seL4_SysNBRecv ||
                    call->registers.rdx == (seL4_Word)seL4_SysReplyRecv;
    if (receives && chance(80)) {
        call->registers.rdi = address_of(chance(50) ? kind_endpoint : kind_notification);
    }
    call->registers.r10 = message->words[0];
    call->registers.r8 = message->words[1];
    call->registers.r9 = message->words[2];
    call->registers.r15 = message->words[3];
    if (chance(50)) {
        call->registers.rsp = WORKER_STACK + 2048;
    }
    call->head[0] = info;
    for (unsigned i = 0; i + 1 < CALL_HEAD_WORDS; i++) {
        call->head[1 + i] = message->words[i];
    }
}

/// What the end of the IPC buffer says: user data, capabilities, and where to receive one.
static void set_tail(Call* call, const Message* message) {
    call->tail[0] = random_word();
    for (unsigned i = 0; i < 3; i++) {
        call->tail[1 + i] = chance(94) ? message->caps[i] : any_address();
    }
    Operand receive = operand(kind_free);
    call->tail[4] = receive.root;
    call->tail[5] = receive.index;
    call->tail[6] = receive.depth;
}

/// Takes IRET with 32-bit operands (0xcf) out of everything that might be executed. QEMU 7.2 lets a user program enter
/// virtual-8086 mode by it in long mode, where processors have no such mode (Intel SDM vol. 2A, IRET): no kernel survives.
static void without_iret(Call* call) {
    uint8_t* bytes = (uint8_t*)call;
    for (unsigned i = 0; i < sizeof *call; i++) {
        bytes[i] = bytes[i] == 0xcf ? 0xce : bytes[i];
    }
}

static void generate(Call* call) {
    call->kind = 0;
    call->nonce = random_word();
    if (chance(1)) {
        call->kind = 1;
        generate_nonsense(call);
        return;
    }
    const Shape* shape = any_shape();
    Message message = {0};
    for (unsigned i = 0; i < 3; i++) {
        message.caps[i] = any_address();
    }
    seL4_Word label = shape->label;
    unsigned manner = (unsigned)random_below(100);
    fill_message(&message, shape);
    if (label == InvalidInvocation && chance(50)) {
        label = random_word() >> random_below(64);
    }
    if (manner >= 80 && manner < 94) {
        // Every label at every kind of capability, with the message of the one or the other.
        message.invoked = any_address();
        label = manner < 90 ? random_below(label_limit) : label;
    } else if (manner >= 94) {
        label = chance(50) ? random_below(label_limit + 3) : odd_word();
        message.invoked = any_address();
        for (unsigned i = 0; i < sizeof message.words / sizeof *message.words; i++) {
            message.words[i] = odd_word();
        }
    }
    set_registers(call, &message, label);
    set_tail(call, &message);
}

void generate_call(Call* call) {
    generate(call);
    without_iret(call);
}
