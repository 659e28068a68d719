/* SPDX-License-Identifier: BSD-2-Clause */
#include "exchange.h"

Helper helper, second;

seL4_MessageInfo_t message(seL4_Word label, seL4_Word length) { return seL4_MessageInfo_new(label, 0, 0, length); }

void fill(seL4_Word seed, seL4_Word length) {
    for (seL4_Word i = 0; i < length && i < seL4_MsgMaxLength; i++) {
        seL4_SetMR((int)i, seed + i * i);
    }
}

seL4_Word sum(seL4_Word length) {
    seL4_Word result = 0;
    for (seL4_Word i = 0; i < length; i++) {
        result = result * 31 + seL4_GetMR((int)i);
    }
    return result;
}

void note(Helper* self, seL4_MessageInfo_t info, seL4_Word badge) {
    self->badge = badge;
    self->label = seL4_MessageInfo_get_label(info);
    self->got_length = seL4_MessageInfo_get_length(info);
    self->sum = sum(self->got_length);
    self->steps++;
}

void receive_once(seL4_Word argument) {
    Helper* self = (Helper*)argument;
    seL4_Word badge;
    seL4_MessageInfo_t info = seL4_Recv(self->endpoint, &badge);
    note(self, info, badge);
}

void receive_for_ever(seL4_Word argument) {
    for (;;) {
        receive_once(argument);
    }
}

void send_once(seL4_Word argument) {
    Helper* self = (Helper*)argument;
    fill(7, self->length);
    seL4_Send(self->endpoint, message(0x123, self->length));
    self->steps++;
}

void call_once(seL4_Word argument) {
    Helper* self = (Helper*)argument;
    fill(11, self->length);
    seL4_MessageInfo_t info = seL4_Call(self->endpoint, message(0x321, self->length));
    note(self, info, 0);
}
void serve(seL4_Word argument) {
    Helper* self = (Helper*)argument;
    seL4_Word badge;
    seL4_MessageInfo_t info = seL4_Recv(self->endpoint, &badge);
    for (;;) {
        note(self, info, badge);
        seL4_SetMR(0, self->sum);
        seL4_SetMR(5, self->steps);
        info = seL4_ReplyRecv(self->endpoint, message(badge, 6), &badge);
    }
}
