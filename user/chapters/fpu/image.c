/* SPDX-License-Identifier: BSD-2-Clause */
#include "image.h"

#include <string.h>

enum {
    at_fcw = 0,
    at_fsw = 2,
    at_ftw = 4,
    at_mxcsr = 24,
    at_st = 32,
    st_size = 10,
    st_stride = 16,
    at_xmm = 160,
    xmm_bytes = 256,
    at_header = 512,
    at_ymm = 576,
    ymm_bytes = 256,
};

unsigned fpu_components;

void fpu_detect(void) {
    unsigned eax = 1, ebx, ecx = 0, edx;
    __asm__("cpuid" : "+a"(eax), "=b"(ebx), "+c"(ecx), "=d"(edx));
    if ((ecx >> 27 & 1) != 0) {  // OSXSAVE: the kernel has enabled it
        __asm__("xgetbv" : "=a"(fpu_components), "=d"(edx) : "c"(0));
    }
}

static void put16(FpuImage* image, unsigned at, unsigned value) {
    image->bytes[at] = (unsigned char)value;
    image->bytes[at + 1] = (unsigned char)(value >> 8);
}

void fpu_pattern(FpuImage* image, unsigned seed) {
    memset(image, 0, sizeof *image);
    // All exceptions masked (and bit 6, which is always set); precision and rounding by seed, never both the initial ones.
    put16(image, at_fcw, 0x7f | (seed % 2 == 0 ? 0x200 : 0x000) | (seed % 4) << 10);
    put16(image, at_fsw, (seed % 8) << 11 | 0x4000);                     // top of stack, condition code C3
    image->bytes[at_ftw] = 0xff;                                         // all eight registers are in use
    put16(image, at_mxcsr, 0x1f80 | (seed % 4) << 13 | (seed % 2 + 1));  // rounding, sticky flags
    for (unsigned i = 0; i < 8; i++) {
        unsigned char* st = &image->bytes[at_st + i * st_stride];
        for (unsigned b = 0; b < 7; b++) {
            st[b] = (unsigned char)(seed * 29 + i * 7 + b + 1);
        }
        st[7] = (unsigned char)(0x80 | (seed + i));  // a normal number
        st[8] = (unsigned char)(seed + i);
        st[9] = 0x40;
    }
    for (unsigned i = 0; i < xmm_bytes; i++) {
        image->bytes[at_xmm + i] = (unsigned char)(seed * 41 + i * 3 + 1);
    }
    if (fpu_components != 0) {
        image->bytes[at_header] = (unsigned char)fpu_components;
    }
    if ((fpu_components & component_avx) != 0) {
        for (unsigned i = 0; i < ymm_bytes; i++) {
            image->bytes[at_ymm + i] = (unsigned char)(seed * 53 + i * 5 + 1);
        }
    }
}

static unsigned difference(const FpuImage* a, const FpuImage* b, unsigned from, unsigned size) {
    for (unsigned i = from; i < from + size; i++) {
        if (a->bytes[i] != b->bytes[i]) {
            return i + 1;
        }
    }
    return 0;
}

unsigned fpu_difference(const FpuImage* a, const FpuImage* b) {
    unsigned found = difference(a, b, at_fcw, 5);  // control, status and tag word
    found = found != 0 ? found : difference(a, b, at_mxcsr, 4);
    for (unsigned i = 0; i < 8 && found == 0; i++) {
        found = difference(a, b, at_st + i * st_stride, st_size);
    }
    found = found != 0 ? found : difference(a, b, at_xmm, xmm_bytes);
    if (found == 0 && (fpu_components & component_avx) != 0) {
        found = difference(a, b, at_ymm, ymm_bytes);
    }
    return found;
}

static const char* name_of(unsigned at) {
    return at < at_fsw      ? "the x87 control word"
           : at < at_ftw    ? "the x87 status word"
           : at < at_mxcsr  ? "the x87 tag word"
           : at < at_st     ? "MXCSR"
           : at < at_xmm    ? "an x87 register"
           : at < at_header ? "an XMM register"
                            : "a YMM register";
}

void fpu_expect_same(const char* when, const FpuImage* got, const FpuImage* expected) {
    unsigned found = fpu_difference(got, expected);
    if (found != 0) {
        rt_fail(__FILE_NAME__, __LINE__, "%s: %s changed: byte %u of the image is %#x, was %#x", when,
                name_of(found - 1), found - 1, got->bytes[found - 1], expected->bytes[found - 1]);
    }
}

void fpu_expect_initial(const char* when, const FpuImage* got) {
    FpuImage initial = {{0}};
    put16(&initial, at_fcw, 0x37f);
    put16(&initial, at_mxcsr, 0x1f80);
    fpu_expect_same(when, got, &initial);
}
