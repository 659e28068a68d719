/* SPDX-License-Identifier: GPL-2.0-only */
/// A plugin for QEMU that counts what a count of instructions does not tell: for each row of user/bench, and each round of
/// it, the kernel's instructions that are expensive by nature, and how many cache lines the kernel touches.
///
/// A visit lasts from the first kernel instruction to the first of user code. Distinct cache lines (64 bytes) are counted
/// per visit and summed over the visits of a round: those that instructions were fetched from, and those that they read
/// or wrote. What the processor does by itself (page walks, pushing an interrupt's frame) does not count.
///
/// A program names the row by a long NOP: NOP DWORD [RAX + RAX + 0x4d50'00NN]; 0 is the time between rows. A round lasts
/// from one NN to the next 0.
///
/// Use: -plugin plugin.so,out=FILE[,profile=ROW]; at the end FILE gets a line of JSON for each round. With `profile` there
/// also comes how often each kernel instruction ran in the last round of that row; row 0: before any user code, at boot.
#include "../plugin/marks.h"

enum { most_rounds = 8192, sets = 1 << 16, line_bits = 6, boot = 0 };

/// Kinds of instructions. All but the plain ones wait for what came before, or make the processor forget or fetch a lot.
typedef enum Kind { plain, cr3_load, cr_load, wrmsr, rdmsr, invlpg, fpu_save, fpu_load, iret, port, kinds } Kind;
static const char* const kind_names[] = {"instructions", "cr3",      "cr",       "wrmsr", "rdmsr",
                                         "invlpg",       "fpu_save", "fpu_load", "iret",  "port"};

typedef struct Instruction {
    uint64_t address, size;
    Kind kind;
    bool leaves;  ///< IRET, SYSRET
    uint64_t times;
    struct Instruction* next;
} Instruction;

typedef struct Round {
    unsigned row;
    uint64_t visits, counts[kinds], code_lines, data_lines;
} Round;

/// Which lines the current visit has touched: those whose entry has the visit's number.
typedef struct Line {
    uint64_t line, visit;
} Line;

static Round table[most_rounds], between;
static unsigned used;
static Round* current = &between;
static Line code[sets], data[sets];
static uint64_t visit;
static bool in_kernel, leaving, started;
static long profiled = -1;
static Instruction* instructions;

/// True if the line is new in this visit. Of a visit that touches more lines than there is room for, some count again.
static bool touch(Line* lines, uint64_t line) {
    enum { most_tries = 64 };
    uint64_t at = (line * UINT64_C(0x9e3779b97f4a7c15)) >> 48;
    for (int tries = 0; lines[at].visit == visit && tries < most_tries; tries++) {
        if (lines[at].line == line) {
            return false;
        }
        at = (at + 1) % sets;
    }
    lines[at] = (Line){line, visit};
    return true;
}

static void instruction_runs(unsigned processor, void* opaque) {
    (void)processor;
    Instruction* it = opaque;
    if (!in_kernel) {
        in_kernel = true;
        visit++;
        current->visits++;
    }
    current->counts[plain]++;
    if (it->kind != plain) {
        current->counts[it->kind]++;
    }
    it->times++;
    leaving = it->leaves;
    if (started) {
        current->code_lines += touch(code, it->address >> line_bits);
        current->code_lines += touch(code, (it->address + it->size - 1) >> line_bits);
    }
}

static void memory_accessed(unsigned processor, qemu_plugin_meminfo_t info, uint64_t address, void* opaque) {
    (void)processor;
    (void)opaque;
    if (!started) {
        return;
    }
    current->data_lines += touch(data, address >> line_bits);
    current->data_lines += touch(data, (address + (UINT64_C(1) << qemu_plugin_mem_size_shift(info)) - 1) >> line_bits);
}

static void forget_times(void) {
    for (Instruction* it = instructions; it != NULL; it = it->next) {
        it->times = 0;
    }
}

static void write_profile(void);

static void user_block_runs(unsigned processor, void* opaque) {
    (void)processor;
    (void)opaque;
    if (leaving && !started) {  // firmware and loaders, too, run at low addresses
        started = true;
        table[used++] = between;
        if (profiled == boot) {
            write_profile();
        }
    }
    in_kernel = false;
}

static void row_named(unsigned processor, void* opaque) {
    (void)processor;
    unsigned row = (unsigned)(uintptr_t)opaque;
    if (row == 0) {
        if (profiled > 0 && current->row == (unsigned)profiled) {
            write_profile();
        }
        current = &between;
    } else if (used < most_rounds) {
        current = &table[used++];
        current->row = row;
        forget_times();
    }
}

/// Of the prefixes, those before which an instruction stays the same one: sizes of operand and address, repetition, segments,
/// LOCK and REX. The address's size matters: GCC writes INVLPG (%eax) for an address that is 0.
static bool is_prefix(uint8_t byte) {
    static const uint8_t legacy[] = {0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65, 0x66, 0x67, 0xf0, 0xf2, 0xf3};
    return byte >> 4 == 4 || memchr(legacy, byte, sizeof legacy) != NULL;
}

/// What kind an instruction is, from its bytes (Intel SDM vol. 2).
static Kind kind_of(const uint8_t* bytes, size_t size) {
    size_t at = 0;
    while (at + 1 < size && is_prefix(bytes[at])) {
        at++;
    }
    const uint8_t first = bytes[at];
    if (first == 0xcf) {
        return iret;
    }
    if ((first >= 0xe4 && first <= 0xe7) || (first >= 0xec && first <= 0xef)) {
        return port;
    }
    if (first != 0x0f || at + 1 >= size) {
        return plain;
    }
    const uint8_t second = bytes[at + 1], third = at + 2 < size ? bytes[at + 2] : 0;
    const unsigned field = third >> 3 & 7;
    const bool in_memory = third >> 6 != 3;
    switch (second) {
    case 0x22:
        return field == 3 ? cr3_load : cr_load;
    case 0x06:  // CLTS
        return cr_load;
    case 0x30:
        return wrmsr;
    case 0x32:
        return rdmsr;
    case 0x01:
        return in_memory && field == 7 ? invlpg : plain;
    case 0xae:
        return !in_memory                               ? plain
               : field == 0 || field == 4 || field == 6 ? fpu_save
               : field == 1 || field == 5               ? fpu_load
                                                        : plain;
    case 0xc7:
        return !in_memory ? plain : field == 4 || field == 5 ? fpu_save : field == 3 ? fpu_load : plain;
    case 0x38:
        return third == 0x82 ? invlpg : plain;  // INVPCID
    default:
        return plain;
    }
}

static bool ends_system_call(const uint8_t* bytes, size_t size) {
    static const uint8_t sysretq[] = {0x48, 0x0f, 0x07};
    return size == sizeof sysretq && memcmp(bytes, sysretq, sizeof sysretq) == 0;
}

static void prepare_kernel_block(struct qemu_plugin_tb* block) {
    for (size_t i = 0; i < qemu_plugin_tb_n_insns(block); i++) {
        struct qemu_plugin_insn* instruction = qemu_plugin_tb_get_insn(block, i);
        Instruction* it = calloc(1, sizeof *it);
        it->address = qemu_plugin_insn_vaddr(instruction);
        it->size = qemu_plugin_insn_size(instruction);
        it->kind = kind_of(qemu_plugin_insn_data(instruction), it->size);
        it->leaves = it->kind == iret || ends_system_call(qemu_plugin_insn_data(instruction), it->size);
        it->next = instructions;
        instructions = it;
        qemu_plugin_register_vcpu_insn_exec_cb(instruction, instruction_runs, QEMU_PLUGIN_CB_NO_REGS, it);
        qemu_plugin_register_vcpu_mem_cb(instruction, memory_accessed, QEMU_PLUGIN_CB_NO_REGS, QEMU_PLUGIN_MEM_RW,
                                         NULL);
    }
}

static void translated(qemu_plugin_id_t id, struct qemu_plugin_tb* block) {
    (void)id;
    if (is_kernel_code(block)) {
        prepare_kernel_block(block);
    } else {
        watch_user_block(block, user_block_runs, row_named);
    }
}

static void write_profile(void) {
    FILE* file = open_output(".profile");
    if (file == NULL) {
        return;
    }
    for (const Instruction* it = instructions; it != NULL; it = it->next) {
        if (it->times != 0) {
            fprintf(file, "%" PRIx64 " %" PRIu64 "\n", it->address, it->times);
        }
    }
    fclose(file);
}

static void ended(qemu_plugin_id_t id, void* opaque) {
    (void)id;
    (void)opaque;
    FILE* file = open_output("");
    if (file == NULL) {
        return;
    }
    for (const Round* it = table; it != table + used; it++) {
        fprintf(file, "{\"row\": %u, \"visits\": %" PRIu64 ", \"code_lines\": %" PRIu64 ", \"data_lines\": %" PRIu64,
                it->row, it->visits, it->code_lines, it->data_lines);
        for (unsigned kind = 0; kind < kinds; kind++) {
            fprintf(file, ", \"%s\": %" PRIu64, kind_names[kind], it->counts[kind]);
        }
        fprintf(file, "}\n");
    }
    fclose(file);
}

int qemu_plugin_install(qemu_plugin_id_t id, const struct qemu_info_t* info, int argc, char** argv) {
    (void)info;
    for (int i = 0; i < argc; i++) {
        if (strncmp(argv[i], "profile=", 8) == 0) {
            profiled = strtol(argv[i] + 8, NULL, 10);
        }
    }
    return install(id, argc, argv, translated, ended);
}
