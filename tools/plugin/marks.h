/* SPDX-License-Identifier: GPL-2.0-only */
/// What the plugins for QEMU have in common: telling kernel code from user code, the marks by which programs divide their
/// time (user/marks), and the file for the result. Each plugin is one C file, which includes this.
#pragma once

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "qemu_plugin.h"

PLUGIN_EXPORT int qemu_plugin_version = 1;

static char output[4096];

static inline bool is_kernel_code(const struct qemu_plugin_tb* block) {
    return qemu_plugin_tb_vaddr(block) >= UINT64_C(0xffff800000000000);
}

/// The number that an instruction names: NOP DWORD [RAX + RAX + TAG * 256 + number]; -1 if it is another instruction.
static inline int tagged(const struct qemu_plugin_insn* instruction, uint32_t tag) {
    static const uint8_t nop[] = {0x0f, 0x1f, 0x84, 0x00};
    const uint8_t* bytes = qemu_plugin_insn_data(instruction);
    uint32_t displacement;
    if (qemu_plugin_insn_size(instruction) != 8 || memcmp(bytes, nop, sizeof nop) != 0) {
        return -1;
    }
    memcpy(&displacement, bytes + sizeof nop, sizeof displacement);
    return displacement >> 8 == tag ? (int)(displacement & 0xff) : -1;
}

/// Marks of programs (user/marks), and of the kernel (frame/include/frame/mark.hpp).
static inline int mark_of(const struct qemu_plugin_insn* instruction) { return tagged(instruction, 0x4d5000); }
static inline int kernel_mark_of(const struct qemu_plugin_insn* instruction) { return tagged(instruction, 0x4d5100); }

/// Has `runs` called whenever a block of user code begins, and `marked` for each mark in it, with the number as data.
static inline void watch_user_block(struct qemu_plugin_tb* block, qemu_plugin_executed_t runs,
                                    qemu_plugin_executed_t marked) {
    qemu_plugin_register_vcpu_tb_exec_cb(block, runs, QEMU_PLUGIN_CB_NO_REGS, NULL);
    for (size_t i = 0; i < qemu_plugin_tb_n_insns(block); i++) {
        struct qemu_plugin_insn* instruction = qemu_plugin_tb_get_insn(block, i);
        const int number = mark_of(instruction);
        if (number >= 0) {
            qemu_plugin_register_vcpu_insn_exec_cb(instruction, marked, QEMU_PLUGIN_CB_NO_REGS,
                                                   (void*)(uintptr_t)number);
        }
    }
}

/// The file named by `out=`, with `suffix` behind its name; NULL, and a message, if it cannot be written.
static FILE* open_output(const char* suffix) {
    char name[sizeof output + 16];
    snprintf(name, sizeof name, "%s%s", output, suffix);
    FILE* file = fopen(name, "w");
    if (file == NULL) {
        perror(name);
    }
    return file;
}

/// Reads `out=` from the arguments; returns what the plugin's entry returns.
static int install(qemu_plugin_id_t id, int argc, char** argv, qemu_plugin_translated_t translated,
                   qemu_plugin_ended_t ended) {
    for (int i = 0; i < argc; i++) {
        if (strncmp(argv[i], "out=", 4) == 0) {
            snprintf(output, sizeof output, "%s", argv[i] + 4);
        }
    }
    if (output[0] == '\0') {
        fprintf(stderr, "plugin: say where the result goes: -plugin FILE,out=RESULT\n");
        return 1;
    }
    qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
    qemu_plugin_register_atexit_cb(id, ended, NULL);
    return 0;
}
