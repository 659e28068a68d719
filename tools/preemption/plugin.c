/* SPDX-License-Identifier: GPL-2.0-only */
/// A plugin for QEMU that finds the longest runs of kernel instructions during which no interrupt can be taken or noticed.
///
/// A run begins when the processor enters the kernel's half of the address space and ends when it leaves it. Within the
/// kernel it ends, and the next one begins, where
///   * the kernel looks whether an interrupt waits: it reads the local APIC's interrupt request register (Intel SDM
///     vol. 3A, 10.8.4), which is how both this kernel and seL4 ask at their preemption points, or
///   * it enables interrupts (STI), or
///   * it returns from an interrupt (IRETQ): another one may come before anything else is executed.
/// So it needs no symbols, and measures any kernel of that kind. An instruction that repeats itself (REP) counts once for
/// each repetition.
///
/// A program divides its time into scenarios by a long NOP that names one: NOP DWORD [RAX + RAX + 0x4d50'00NN]; 0 is the
/// time between scenarios. What ran before the first instruction of user code, that is booting, does not count.
///
/// Use: -plugin plugin.so,out=FILE; at the end FILE gets a line of JSON for each scenario.
#include "../plugin/marks.h"

enum { scenarios = 256, samples = 12, sti = 0xfb };
static const uint8_t iretq[] = {0x48, 0xcf}, sysretq[] = {0x48, 0x0f, 0x07};

/// A translated block of kernel code, and how often it ran in the current run.
typedef struct Block {
    uint64_t address;
    uint64_t instructions;
    uint64_t times, run;
    struct Block* next;  // of those that took part in the run
} Block;

typedef enum Edge { edge_entry, edge_look, edge_enable, edge_return, edge_exit } Edge;
static const char* const edge_names[] = {"entry", "look", "sti", "iretq", "exit"};

typedef struct Sample {
    uint64_t address, instructions;
} Sample;

typedef struct Scenario {
    uint64_t runs, looks, total;
    uint64_t longest, longest_visit;  // a visit: from entry to exit, whatever lies between
    Edge from, to;
    uint64_t from_address, to_address;
    Sample samples[samples];
} Scenario;

static Scenario table[scenarios];
static Scenario* scenario = table;
static uint64_t executed;  // kernel instructions so far, counted by translated code
static bool started, in_kernel, leaving;
static uint64_t run_number = 1, run_start, visit_start, run_address;
static Edge run_edge;
static Block* run_blocks;
static const Block* last_block;

// -- Runs ------------------------------------------------------------------------------------------------------------

/// Notes which blocks made up the run, most instructions first.
static void take_samples(void) {
    memset(scenario->samples, 0, sizeof scenario->samples);
    for (const Block* block = run_blocks; block != NULL; block = block->next) {
        Sample sample = {block->address, block->times * block->instructions};
        for (int i = 0; i < samples; i++) {
            if (sample.instructions > scenario->samples[i].instructions) {
                Sample other = scenario->samples[i];
                scenario->samples[i] = sample;
                sample = other;
            }
        }
    }
}

static void begin_run(Edge edge, uint64_t address) {
    run_number++;
    run_blocks = NULL;
    run_start = executed;
    run_edge = edge;
    run_address = address;
}

static void end_run(Edge edge, uint64_t address) {
    uint64_t length = executed - run_start;
    scenario->runs++;
    scenario->looks += edge == edge_look;
    scenario->total += length;
    if (length > scenario->longest) {
        scenario->longest = length;
        scenario->from = run_edge;
        scenario->to = edge;
        scenario->from_address = run_address;
        scenario->to_address = address;
        take_samples();
    }
}

static void cut_run(Edge edge, uint64_t address) {
    if (started && in_kernel) {
        end_run(edge, address);
        begin_run(edge, address);
    }
}

static void note_block(Block* block) {
    if (block->run != run_number) {
        block->run = run_number;
        block->times = 0;
        block->next = run_blocks;
        run_blocks = block;
    }
    block->times++;
    last_block = block;
}

// -- What QEMU calls while the guest runs ----------------------------------------------------------------------------

static void kernel_block_runs(unsigned processor, void* data) {
    (void)processor;
    Block* block = data;
    leaving = false;
    if (started && !in_kernel) {
        in_kernel = true;
        visit_start = executed;
        begin_run(edge_entry, block->address);
    }
    note_block(block);
}

static void user_block_runs(unsigned processor, void* data) {
    (void)processor;
    (void)data;
    started = started || leaving;  // firmware and loaders, too, run at low addresses
    if (in_kernel) {
        end_run(edge_exit, last_block->address);
        in_kernel = false;
        if (executed - visit_start > scenario->longest_visit) {
            scenario->longest_visit = executed - visit_start;
        }
    }
}

static void interrupts_enabled(unsigned processor, void* data) {
    (void)processor;
    cut_run(edge_enable, (uint64_t)(uintptr_t)data);
}

static void interrupt_ends(unsigned processor, void* data) {
    (void)processor;
    leaving = true;
    cut_run(edge_return, (uint64_t)(uintptr_t)data);
}

static void system_call_ends(unsigned processor, void* data) {
    (void)processor;
    (void)data;
    leaving = true;
}

/// Reads of the interrupt request register, which cannot be written; one look reads several of its words.
static void memory_accessed(unsigned processor, qemu_plugin_meminfo_t info, uint64_t address, void* data) {
    (void)processor;
    enum { first_word = 0x200, last_word = 0x270 };
    uint64_t offset = address & 0xfff;
    if (offset < first_word || offset > last_word || (offset & 0xf) != 0) {
        return;
    }
    struct qemu_plugin_hwaddr* physical = qemu_plugin_get_hwaddr(info, address);
    if (physical != NULL && qemu_plugin_hwaddr_is_io(physical)) {
        cut_run(edge_look, (uint64_t)(uintptr_t)data);
    }
}

static void scenario_named(unsigned processor, void* data) {
    (void)processor;
    scenario = &table[(uintptr_t)data];
}

// -- Translation -----------------------------------------------------------------------------------------------------

static void prepare_kernel_block(struct qemu_plugin_tb* translated) {
    Block* block = calloc(1, sizeof *block);
    block->address = qemu_plugin_tb_vaddr(translated);
    block->instructions = qemu_plugin_tb_n_insns(translated);
    qemu_plugin_register_vcpu_tb_exec_cb(translated, kernel_block_runs, QEMU_PLUGIN_CB_NO_REGS, block);
    for (size_t i = 0; i < block->instructions; i++) {
        struct qemu_plugin_insn* instruction = qemu_plugin_tb_get_insn(translated, i);
        void* address = (void*)(uintptr_t)qemu_plugin_insn_vaddr(instruction);
        qemu_plugin_register_vcpu_insn_exec_inline(instruction, QEMU_PLUGIN_INLINE_ADD_U64, &executed, 1);
        qemu_plugin_register_vcpu_mem_cb(instruction, memory_accessed, QEMU_PLUGIN_CB_NO_REGS, QEMU_PLUGIN_MEM_RW,
                                         address);
        const uint8_t* bytes = qemu_plugin_insn_data(instruction);
        if (qemu_plugin_insn_size(instruction) == sizeof iretq && memcmp(bytes, iretq, sizeof iretq) == 0) {
            qemu_plugin_register_vcpu_insn_exec_cb(instruction, interrupt_ends, QEMU_PLUGIN_CB_NO_REGS, address);
        }
        if (qemu_plugin_insn_size(instruction) == sizeof sysretq && memcmp(bytes, sysretq, sizeof sysretq) == 0) {
            qemu_plugin_register_vcpu_insn_exec_cb(instruction, system_call_ends, QEMU_PLUGIN_CB_NO_REGS, NULL);
        }
        if (*bytes == sti) {
            qemu_plugin_register_vcpu_insn_exec_cb(instruction, interrupts_enabled, QEMU_PLUGIN_CB_NO_REGS, address);
        }
    }
}

static void translated(qemu_plugin_id_t id, struct qemu_plugin_tb* block) {
    (void)id;
    if (is_kernel_code(block)) {
        prepare_kernel_block(block);
    } else {
        watch_user_block(block, user_block_runs, scenario_named);
    }
}

// -- The end ---------------------------------------------------------------------------------------------------------

static void print_scenario(FILE* file, unsigned number) {
    const Scenario* it = &table[number];
    fprintf(file,
            "{\"scenario\": %u, \"runs\": %" PRIu64 ", \"looks\": %" PRIu64 ", \"total\": %" PRIu64
            ", \"longest\": %" PRIu64 ", \"longest_visit\": %" PRIu64
            ", \"from\": \"%s\", \"to\": \"%s\", \"from_address\": %" PRIu64 ", \"to_address\": %" PRIu64
            ", \"blocks\": [",
            number, it->runs, it->looks, it->total, it->longest, it->longest_visit, edge_names[it->from],
            edge_names[it->to], it->from_address, it->to_address);
    for (int i = 0; i < samples && it->samples[i].instructions != 0; i++) {
        fprintf(file, "%s[%" PRIu64 ", %" PRIu64 "]", i == 0 ? "" : ", ", it->samples[i].address,
                it->samples[i].instructions);
    }
    fprintf(file, "]}\n");
}

static void ended(qemu_plugin_id_t id, void* data) {
    (void)id;
    (void)data;
    FILE* file = open_output("");
    if (file == NULL) {
        return;
    }
    for (unsigned number = 0; number < scenarios; number++) {
        if (table[number].runs != 0) {
            print_scenario(file, number);
        }
    }
    fclose(file);
}

int qemu_plugin_install(qemu_plugin_id_t id, const struct qemu_info_t* info, int argc, char** argv) {
    (void)info;
    return install(id, argc, argv, translated, ended);
}
