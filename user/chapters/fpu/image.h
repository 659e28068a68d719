/* SPDX-License-Identifier: BSD-2-Clause */
/// Everything that the FPU remembers, as FXSAVE and XSAVE lay it out (Intel SDM Vol. 1, 10.5.1 and 13.4).
#pragma once

#include "support.h"

typedef struct {
    _Alignas(64) unsigned char bytes[1024];
} FpuImage;

/// The components that XSAVE handles for this program (its XCR0); 0 if there is only FXSAVE.
extern unsigned fpu_components;
enum { component_x87 = 1, component_sse = 2, component_avx = 4 };

/// Finds out `fpu_components`.
void fpu_detect(void);

/// A state that differs from the initial one and from those of other seeds in every register: control words, status,
/// the x87 stack (which the MMX registers share), XMM0 to XMM15, and the upper halves of YMM0 to YMM15.
void fpu_pattern(FpuImage* image, unsigned seed);

/// Fails the running test unless both hold the same. `when` is for the message.
void fpu_expect_same(const char* when, const FpuImage* got, const FpuImage* expected);

/// What a thread starts with: FNINIT, MXCSR 0x1f80, all XMM and YMM registers zero.
void fpu_expect_initial(const char* when, const FpuImage* got);

/// What was seen first to differ, without failing a test; 0 if nothing, else an offset in the image plus 1.
unsigned fpu_difference(const FpuImage* a, const FpuImage* b);

// From across.S.
void fpu_load(const FpuImage* image);
void fpu_store(FpuImage* image);
typedef struct {
    seL4_Word number, target, info, words[4];
} FpuCall;
seL4_Word fpu_across_call(const FpuImage* in, FpuImage* out, const FpuCall* call);
void fpu_across_change(const FpuImage* in, FpuImage* out, volatile seL4_Word* word);
void fpu_across_time(const FpuImage* in, FpuImage* out, unsigned count);
void fpu_across_unknown(const FpuImage* in, FpuImage* out);
void fpu_across_exception(const FpuImage* in, FpuImage* out);
void fpu_across_read(const FpuImage* in, FpuImage* out, seL4_Word address);
void fpu_across_wait(const FpuImage* in, FpuImage* out);
extern const char fpu_exception_at[], fpu_wait_at[], fpu_unknown_at[];
