/* SPDX-License-Identifier: BSD-2-Clause */
/// Threads that make the calls, and how they are brought back after they destroyed themselves.
///
/// The root task is the supervisor, at the highest priority. It prepares a batch of calls, starts the worker, and waits
/// until one of the workers faults, as all do at the end of their batch, or until the metronome beats: that is a thread
/// of the workers' own priority, which nothing of theirs can exceed, so that it gets its turn whatever they do. A worker
/// that did not get on between two beats is taken out of wherever it is and goes on with its next call.
#include "hostile.h"

#include <antimono/thread.h>

extern const char worker_code[], worker_code_end[], worker_done[];

enum {
    page_size = 4096,
    page_count = 1 + 4 + BATCH_PAGES,
    beat_badge = 1 << 8,
    worker_badge = 1 << 4,
    patience = 2,         // beats
    replies_allowed = 4,  // to one call's faults
};

typedef struct Page {
    seL4_CPtr frame;  // the worker's capability
    seL4_Word address;
    seL4_CapRights_t rights;
} Page;

typedef struct Worker {
    seL4_CPtr tcb, pml4, buffer_frame;
    Page pages[page_count];
    unsigned pages_used;
    volatile Results* results;
    Call* batch;
    uint64_t seen;  // calls of the batch that are counted
    uint64_t last;  // calls that were begun at the last beat
    unsigned idle;  // beats without progress
    unsigned replies;
    bool broken;  // cannot be brought back in this round
} Worker;

static Worker workers[worker_count];
static seL4_CPtr listening, beat;
static RtPool pool;
static RtThread metronome;

seL4_CPtr worker_tcb(unsigned index) { return workers[index].tcb; }
seL4_CPtr worker_pml4(unsigned index) { return workers[index].pml4; }

// -- Making them -----------------------------------------------------------------------------------------------------

static seL4_CPtr make(seL4_Word type) {
    seL4_CPtr object;
    RT_CHECK(rt_pool_retype(&pool, type, 0, &object));
    return object;
}

/// A page that the supervisor can write and the worker finds at `address`.
static void* shared_page(Worker* worker, seL4_Word address, seL4_CapRights_t rights) {
    seL4_CPtr frame = make(seL4_X86_4K), copy = rt_pool_slot(&pool);
    void* page;
    RT_CHECK(rt_pool_map(&pool, frame, seL4_ReadWrite, &page));
    RT_CHECK(seL4_CNode_Copy(seL4_CapInitThreadCNode, copy, seL4_WordBits, seL4_CapInitThreadCNode, frame,
                             seL4_WordBits, seL4_AllRights));
    worker->pages[worker->pages_used++] = (Page){copy, address, rights};
    if (address == WORKER_BUFFER) {
        worker->buffer_frame = copy;
    }
    return page;
}

/// Maps the worker's pages. A mapping replaces another one, so calls may have put their own frames there.
static void map_pages(const Worker* worker) {
    for (unsigned i = 0; i < page_count; i++) {
        RT_CHECK(seL4_X86_Page_Map(worker->pages[i].frame, worker->pml4, worker->pages[i].address,
                                   worker->pages[i].rights, seL4_X86_Default_VMAttributes));
    }
}

static void make_worker(Worker* worker, unsigned index) {
    const seL4_X86_VMAttributes attributes = seL4_X86_Default_VMAttributes;
    worker->tcb = make(seL4_TCBObject);
    worker->pml4 = make(seL4_X64_PML4Object);
    RT_CHECK(seL4_X86_ASIDPool_Assign(seL4_CapInitThreadASIDPool, worker->pml4));
    RT_CHECK(seL4_X86_PDPT_Map(make(seL4_X86_PDPTObject), worker->pml4, WORKER_CODE, attributes));
    RT_CHECK(seL4_X86_PageDirectory_Map(make(seL4_X86_PageDirectoryObject), worker->pml4, WORKER_CODE, attributes));
    RT_CHECK(seL4_X86_PageTable_Map(make(seL4_X86_PageTableObject), worker->pml4, WORKER_CODE, attributes));
    char* code = shared_page(worker, WORKER_CODE, seL4_CanRead);
    for (const char* from = worker_code; from < worker_code_end; from++) {
        code[from - worker_code] = *from;
    }
    worker->results = shared_page(worker, WORKER_RESULTS, seL4_ReadWrite);
    shared_page(worker, WORKER_BUFFER, seL4_ReadWrite);
    shared_page(worker, WORKER_STACK, seL4_ReadWrite);
    shared_page(worker, WORKER_SCRATCH, seL4_ReadWrite);
    for (int i = 0; i < BATCH_PAGES; i++) {
        void* page = shared_page(worker, WORKER_BATCH + (seL4_Word)i * page_size, seL4_CanRead);
        if (i == 0) {
            worker->batch = page;  // the pool hands out neighbouring pages
        }
    }
    map_pages(worker);
    seL4_CPtr badged = rt_pool_slot(&pool);
    RT_CHECK(seL4_CNode_Mint(seL4_CapInitThreadCNode, badged, seL4_WordBits, seL4_CapInitThreadCNode, listening,
                             seL4_WordBits, seL4_CapRights_new(1, 0, 0, 1), worker_badge + index));
    RT_CHECK(
        seL4_CNode_Move(sandbox_root, root_faults + index, root_bits, seL4_CapInitThreadCNode, badged, seL4_WordBits));
}

static void keep_time(seL4_Word unused) {
    (void)unused;
    for (;;) {
        seL4_Signal(beat);
        seL4_Yield();
    }
}

void workers_create(void) {
    RT_CHECK(rt_pool_create(&pool, 20, 256));
    listening = make(seL4_EndpointObject);
    seL4_CPtr notification = make(seL4_NotificationObject);
    beat = rt_pool_slot(&pool);
    RT_CHECK(seL4_CNode_Mint(seL4_CapInitThreadCNode, beat, seL4_WordBits, seL4_CapInitThreadCNode, notification,
                             seL4_WordBits, seL4_CanWrite, beat_badge));
    RT_CHECK(seL4_TCB_BindNotification(seL4_CapInitThreadTCB, notification));
    for (unsigned i = 0; i < worker_count; i++) {
        make_worker(&workers[i], i);
    }
    RT_CHECK(rt_thread_create(&metronome, &pool, seL4_CapNull, hostile_priority));
    RT_CHECK(rt_thread_start(&metronome, keep_time, 0));
}

// -- Running them ----------------------------------------------------------------------------------------------------

/// Starts the worker where its next call is. False if it cannot have its capability space back: it put the last
/// capability to another one in its place, whose deletion the kernel refuses here.
static bool restart(Worker* worker) {
    unsigned index = (unsigned)(worker - workers);
    seL4_Error error = (seL4_Error)seL4_TCB_Configure(worker->tcb, ARENA_CPTR(root_faults + index, 0), sandbox_root,
                                                      ROOT_GUARD, worker->pml4, 0, WORKER_BUFFER, worker->buffer_frame);
    if (error == seL4_IllegalOperation) {
        seL4_TCB_Suspend(worker->tcb);
        worker->broken = true;
        return false;
    }
    RT_CHECK(error);
    RT_CHECK(seL4_TCB_SetSchedParams(worker->tcb, seL4_CapInitThreadTCB, hostile_priority, hostile_priority));
    RT_CHECK(seL4_TCB_SetFlags(worker->tcb, 1, 0).error);
    worker->idle = 0;
    worker->replies = 0;
    seL4_UserContext registers = {.rip = WORKER_CODE, .rflags = 0x202};
    RT_CHECK(seL4_TCB_WriteRegisters(worker->tcb, 1, 0, sizeof registers / sizeof(seL4_Word), &registers));
    return true;
}

static void new_batch(Worker* worker) {
    for (unsigned i = 0; i < BATCH_CALLS; i++) {
        generate_call(&worker->batch[i]);
        worker->results->records[i].nonce = 0;
    }
    worker->results->started = worker->seen = 0;
    sandbox_replenish();
}

/// Counts the calls that were begun since the last time.
static void count(Worker* worker) {
    uint64_t started = worker->results->started;
    if (started > BATCH_CALLS || started < worker->seen) {
        started = worker->results->started = worker->seen;  // somebody wrote to it
    }
    for (; worker->seen < started; worker->seen++) {
        const Call* call = &worker->batch[worker->seen];
        volatile Record* record = &worker->results->records[worker->seen];
        if (record->nonce == call->nonce) {
            tally_answer(call, record->info);
        } else if (worker->seen + 1 == started) {
            tally_no_answer(call);
        }
        // Otherwise it did not run at all: somebody wrote to the count.
    }
}

/// The worker goes on with the next call, or with a new batch.
static void go_on(Worker* worker) {
    uint64_t before = worker->seen;
    count(worker);
    if (worker->seen == before) {
        map_pages(worker);  // it did not even begin a call
    }
    if (worker->seen == BATCH_CALLS) {
        new_batch(worker);
    }
    restart(worker);
}

/// The worker faulted, or sent something to where faults go.
static void hear(Worker* worker, seL4_MessageInfo_t info) {
    seL4_Word label = seL4_MessageInfo_get_label(info);
    bool is_end = worker->results->started >= BATCH_CALLS && label == seL4_Fault_UserException &&
                  seL4_GetMR(seL4_UserException_FaultIP) == (seL4_Word)(WORKER_CODE + (worker_done - worker_code));
    if (!is_end) {
        tally_fault(label);
        tally_recovery();
    }
    uint64_t started = worker->results->started;
    bool nonsense = started > 0 && started <= BATCH_CALLS && worker->batch[started - 1].kind != 0;
    if (!is_end && nonsense && worker->replies < replies_allowed && chance(30)) {
        // A reply with any registers, as the fault's kind takes them.
        worker->replies++;
        for (int i = 0; i < 24; i++) {
            seL4_SetMR(i, odd_word());
        }
        seL4_Reply(seL4_MessageInfo_new(chance(50) ? 0 : random_word() & 0xff, 0, 0, random_below(25)));
        return;
    }
    go_on(worker);
}

/// Time has passed: whoever did not get on is brought back.
static void look_after_all(void) {
    for (unsigned i = 0; i < worker_count; i++) {
        Worker* worker = &workers[i];
        if (worker->broken) {
            continue;
        }
        uint64_t started = worker->results->started;
        if (started != worker->last) {
            worker->last = started;
            worker->idle = 0;
        }
        if (++worker->idle > patience) {
            tally_recovery();
            go_on(worker);
        }
    }
}

void workers_run(uint64_t calls) {
    const uint64_t limit = tally_calls() + calls;
    unsigned running = worker_count;
    for (unsigned i = 0; i < worker_count; i++) {
        workers[i].broken = false;
        new_batch(&workers[i]);
        restart(&workers[i]);
    }
    while (tally_calls() < limit && running > 0) {
        seL4_Word badge;
        seL4_MessageInfo_t info = seL4_Recv(listening, &badge);
        if (badge >= worker_badge && badge < worker_badge + worker_count) {
            if (!workers[badge - worker_badge].broken) {
                hear(&workers[badge - worker_badge], info);
            }
        } else {
            look_after_all();
        }
        running = 0;
        for (unsigned i = 0; i < worker_count; i++) {
            running += !workers[i].broken;
        }
    }
    for (unsigned i = 0; i < worker_count; i++) {
        RT_CHECK(seL4_TCB_Suspend(workers[i].tcb));
        count(&workers[i]);
    }
}

void workers_destroy(void) {
    RT_CHECK(seL4_TCB_UnbindNotification(seL4_CapInitThreadTCB));
    RT_CHECK(rt_pool_reset(&pool));
}
