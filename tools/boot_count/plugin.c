/* SPDX-License-Identifier: GPL-2.0-only */
/// A plugin for QEMU that counts the instructions from a kernel's first to the user program's first, and how many of them
/// ran in functions that only wait for a timer, which take as long as the timer does.
///
/// Use: -plugin plugin.so,out=FILE,kernel=START-END,user=ADDRESS[,wait=START-END...][,leaf=START-END...], numbers in
/// hexadecimal. The range of `kernel` is where its first code runs, ADDRESS is the program's entry point. A `leaf` is a
/// function that waits if who calls it does. At the end FILE gets a line of JSON.
#include "../plugin/marks.h"

enum { most_waits = 16 };

typedef struct Range {
    uint64_t start, end;
} Range;

static Range kernel, waits[most_waits], leaves[most_waits];
static unsigned wait_count, leaf_count;
static bool waits_now;
static uint64_t user, total, waiting;
static bool started, done;

static bool is_in(Range range, uint64_t address) { return address >= range.start && address < range.end; }

static bool is_in_any(const Range* ranges, unsigned count, uint64_t address) {
    for (unsigned i = 0; i < count; i++) {
        if (is_in(ranges[i], address)) {
            return true;
        }
    }
    return false;
}

static void runs(unsigned cpu, void* data) {
    (void)cpu;
    const uint64_t address = (uint64_t)(uintptr_t)data;
    started = started || is_in(kernel, address);
    done = done || (started && address == user);
    if (!started || done) {
        return;
    }
    total++;
    if (!is_in_any(leaves, leaf_count, address)) {
        waits_now = is_in_any(waits, wait_count, address);
    }
    waiting += waits_now;
}

static void translated(qemu_plugin_id_t id, struct qemu_plugin_tb* block) {
    (void)id;
    for (size_t i = 0; i < qemu_plugin_tb_n_insns(block); i++) {
        struct qemu_plugin_insn* instruction = qemu_plugin_tb_get_insn(block, i);
        qemu_plugin_register_vcpu_insn_exec_cb(instruction, runs, QEMU_PLUGIN_CB_NO_REGS,
                                               (void*)(uintptr_t)qemu_plugin_insn_vaddr(instruction));
    }
}

static void ended(qemu_plugin_id_t id, void* data) {
    (void)id;
    (void)data;
    FILE* file = open_output("");
    if (file != NULL) {
        fprintf(file, "{\"done\": %s, \"total\": %" PRIu64 ", \"waiting\": %" PRIu64 "}\n", done ? "true" : "false",
                total, waiting);
        fclose(file);
    }
}

static Range range_of(const char* text) {
    Range range = {0};
    sscanf(text, "%" SCNx64 "-%" SCNx64, &range.start, &range.end);
    return range;
}

int qemu_plugin_install(qemu_plugin_id_t id, const struct qemu_info_t* info, int argc, char** argv) {
    (void)info;
    for (int i = 0; i < argc; i++) {
        if (strncmp(argv[i], "kernel=", 7) == 0) {
            kernel = range_of(argv[i] + 7);
        } else if (strncmp(argv[i], "user=", 5) == 0) {
            user = strtoull(argv[i] + 5, NULL, 16);
        } else if (strncmp(argv[i], "wait=", 5) == 0 && wait_count < most_waits) {
            waits[wait_count++] = range_of(argv[i] + 5);
        } else if (strncmp(argv[i], "leaf=", 5) == 0 && leaf_count < most_waits) {
            leaves[leaf_count++] = range_of(argv[i] + 5);
        }
    }
    return install(id, argc, argv, translated, ended);
}
