/* SPDX-License-Identifier: BSD-2-Clause */
/// Which parts of the FPU a configuration has.
#include "image.h"
#include "subject.h"

SUBJECT_CODE(feature_avx);
SUBJECT_CODE(feature_xsave);
SUBJECT_CODE(feature_xgetbv);
SUBJECT_CODE(feature_xsetbv);

enum { invalid_opcode = 6, general_protection = 13 };

/// The exception that ends `code`, 6 also if it is the invalid instruction at its end: then the instruction before it was
/// executed, and the result is 0.
static seL4_Word exception_of(Subject* thread, const char* code, const char* at) {
    RtFault fault = subject_run_code(thread, code);
    if (fault.label != seL4_Fault_UserException) {
        return ~0ul;
    }
    return fault.words[seL4_UserException_FaultIP] == (seL4_Word)at ? fault.words[seL4_UserException_Number] : 0;
}

static void components(RtPool* pool) {
    (void)pool;
#ifdef CONFIG_XSAVE
    RT_EXPECT_EQUAL(fpu_components, CONFIG_XSAVE_FEATURE_SET);
#else
    RT_EXPECT_EQUAL(fpu_components, 0);
#endif
}

/// Instructions for state that the kernel would not save are not there.
static void what_is_not_enabled(RtPool* pool) {
    Subject thread;
    subject_make(&thread, pool);
    bool avx = (fpu_components & component_avx) != 0;
    RT_EXPECT_EQUAL(exception_of(&thread, feature_avx, feature_avx_at), avx ? 0 : invalid_opcode);
    RT_EXPECT_EQUAL(exception_of(&thread, feature_xsave, feature_xsave_at), fpu_components != 0 ? 0 : invalid_opcode);
    RT_EXPECT_EQUAL(exception_of(&thread, feature_xgetbv, feature_xgetbv_at), fpu_components != 0 ? 0 : invalid_opcode);
    RT_EXPECT_EQUAL(exception_of(&thread, feature_xsetbv, feature_xsetbv_at),
                    fpu_components != 0 ? general_protection : invalid_opcode);
}

static const RtTest tests[] = {
    {"the components that the configuration names", components},
    {"instructions for other components do not exist", what_is_not_enabled},
};

const RtTestGroup feature_tests = TEST_GROUP(tests);
