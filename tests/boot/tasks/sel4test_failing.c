// SPDX-License-Identifier: GPL-2.0-only
#include "sel4test_shape.h"

int main(const seL4_BootInfo* info) {
    (void)info;
    start_test(0, "Test that there are tests");
    start_test(1, "APPLE0001");
    report_error("error == seL4_NoError");
    start_test(2, "PEAR0001");
    start_test(3, "Test all tests ran");
    end_suite(3, 4);
    return 0;
}
