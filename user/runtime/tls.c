/* SPDX-License-Identifier: BSD-2-Clause */
#include "internal.h"

#include <stdint.h>
#include <string.h>

// From the linker script; only their addresses mean something.
extern char rt_tls_image[];      // initial values of .tdata
extern char rt_tls_data_size[];  // bytes of .tdata
extern char rt_tls_size[];       // bytes of .tdata and .tbss
extern char rt_tls_reserved[];   // rt_tls_size rounded up to the segment's alignment

/// What the ABI puts at the thread pointer: its own address. The rest of the block is for the compilers' use.
typedef struct {
    seL4_Word self;
    char reserved[RT_TLS_ALIGNMENT - sizeof(seL4_Word)];
} ThreadControlBlock;

size_t rt_tls_block_size(void) { return (size_t)(uintptr_t)rt_tls_reserved + sizeof(ThreadControlBlock); }

seL4_Word rt_tls_build(void* memory) {
    // Thread-local variables lie just below the thread pointer.
    char* control = (char*)memory + (uintptr_t)rt_tls_reserved;
    size_t data_size = (size_t)(uintptr_t)rt_tls_data_size;
    memset(memory, 0, rt_tls_block_size());
    memcpy(memory, rt_tls_image, data_size);
    ((ThreadControlBlock*)(void*)control)->self = (seL4_Word)control;
    return (seL4_Word)control;
}

void* rt_tls_translate(void* variable, seL4_Word thread_pointer) {
    seL4_Word own;
    __asm__("movq %%fs:0, %0" : "=r"(own));
    return (void*)((seL4_Word)variable - own + thread_pointer);
}
