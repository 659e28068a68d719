/* SPDX-License-Identifier: GPL-2.0-only */
/// A plugin for QEMU that counts how often the kernel passes each of its marks (frame/include/frame/mark.hpp). It costs the
/// guest nothing but the marks.
///
/// Use: -plugin plugin.so,out=FILE; at the end, however the run ends, FILE gets a line of JSON: {"NUMBER": TIMES, ...}.
#include "../plugin/marks.h"

enum { most_marks = 256 };

static uint64_t times[most_marks];

static void translated(qemu_plugin_id_t id, struct qemu_plugin_tb* block) {
    (void)id;
    if (!is_kernel_code(block)) {
        return;
    }
    for (size_t i = 0; i < qemu_plugin_tb_n_insns(block); i++) {
        struct qemu_plugin_insn* instruction = qemu_plugin_tb_get_insn(block, i);
        const int number = kernel_mark_of(instruction);
        if (number >= 0) {
            qemu_plugin_register_vcpu_insn_exec_inline(instruction, QEMU_PLUGIN_INLINE_ADD_U64, &times[number], 1);
        }
    }
}

static void ended(qemu_plugin_id_t id, void* opaque) {
    (void)id;
    (void)opaque;
    FILE* file = open_output("");
    if (file == NULL) {
        return;
    }
    const char* separator = "{";
    for (unsigned number = 0; number < most_marks; number++) {
        if (times[number] != 0) {
            fprintf(file, "%s\"%u\": %" PRIu64, separator, number, times[number]);
            separator = ", ";
        }
    }
    fprintf(file, "%s}\n", *separator == '{' ? "{" : "");
    fclose(file);
}

int qemu_plugin_install(qemu_plugin_id_t id, const struct qemu_info_t* info, int argc, char** argv) {
    (void)info;
    return install(id, argc, argv, translated, ended);
}
