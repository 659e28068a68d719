/* SPDX-License-Identifier: BSD-2-Clause */
/// Holds the runtime's printf against the C library's, on the host.
#include <antimono/print.h>

#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static int checks, failures;

// The console is not used here.
void rt_put_character(char character) { (void)character; }

static void compare(const char* format, const char* expected, int expected_length, const char* got, int got_length) {
    checks++;
    if (strcmp(expected, got) != 0 || expected_length != got_length) {
        failures++;
        printf("  \"%s\": expected \"%s\" (%d), got \"%s\" (%d)\n", format, expected, expected_length, got, got_length);
    }
}

// The formats are data here, so the compiler cannot check them.
#pragma GCC diagnostic ignored "-Wformat"
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
#pragma GCC diagnostic ignored "-Wformat-security"
#ifdef __clang__
#pragma GCC diagnostic ignored "-Wformat-insufficient-args"
#endif

#define CHECK(format, ...)                                                              \
    do {                                                                                \
        char expected[256], got[256];                                                   \
        int expected_length = snprintf(expected, sizeof expected, format, __VA_ARGS__); \
        int got_length = rt_snprintf(got, sizeof got, format, __VA_ARGS__);             \
        compare(format, expected, expected_length, got, got_length);                    \
    } while (0)

static const char* const flags[] = {"", "-", "+", " ", "#", "0", "-0", "+0", " 0", "#0", "-#", "+ ", "-+ #0"};
static const char* const widths[] = {"", "1", "7", "24"};
static const char* const precisions[] = {"", ".", ".0", ".1", ".6", ".23"};

/// Every combination of flags, width and precision for one conversion and several values.
static void integers(const char* length, const char* conversion, const uint64_t* values, size_t count) {
    for (size_t f = 0; f < sizeof flags / sizeof *flags; f++) {
        for (size_t w = 0; w < sizeof widths / sizeof *widths; w++) {
            for (size_t p = 0; p < sizeof precisions / sizeof *precisions; p++) {
                char format[64];
                snprintf(format, sizeof format, "[%%%s%s%s%s%s]", flags[f], widths[w], precisions[p], length,
                         conversion);
                for (size_t v = 0; v < count; v++) {
                    if (length[0] == 'l' || length[0] == 'z') {
                        CHECK(format, values[v]);
                    } else {
                        CHECK(format, (int)values[v]);
                    }
                }
            }
        }
    }
}

static void test_integers(void) {
    const uint64_t values[] = {0,
                               1,
                               9,
                               10,
                               42,
                               255,
                               256,
                               0x7fff,
                               0x8000,
                               0xffff,
                               INT_MAX,
                               (uint64_t)INT_MIN,
                               (uint64_t)-1,
                               UINT_MAX,
                               INT64_MAX,
                               (uint64_t)INT64_MIN,
                               0x123456789abcdefull};
    const char* const lengths[] = {"", "hh", "h", "l", "ll", "z"};
    const char* const conversions[] = {"d", "i", "u", "x", "X", "o"};
    for (size_t l = 0; l < sizeof lengths / sizeof *lengths; l++) {
        for (size_t c = 0; c < sizeof conversions / sizeof *conversions; c++) {
            integers(lengths[l], conversions[c], values, sizeof values / sizeof *values);
        }
    }
    CHECK("[%td] [%jd]", (ptrdiff_t)-5, (intmax_t)INT64_MIN);
}

static void test_strings(void) {
    const char* const strings[] = {"", "a", "hello", "a longer string than any width here"};
    for (size_t s = 0; s < sizeof strings / sizeof *strings; s++) {
        CHECK("[%s]", strings[s]);
        CHECK("[%10s]", strings[s]);
        CHECK("[%-10s]", strings[s]);
        CHECK("[%.3s]", strings[s]);
        CHECK("[%-6.2s]", strings[s]);
        CHECK("[%*s]", -8, strings[s]);
        CHECK("[%*.*s]", 8, 2, strings[s]);
        CHECK("[%.*s]", -1, strings[s]);
    }
    CHECK("[%c%3c%-3c]", 'a', 'b', 'c');
    CHECK("%s %d%% of %#lx", "plain", 50, 0xdeadbeefcafel);
    CHECK("[%p] [%20p]", (void*)0x1234, (void*)&checks);
}

/// What the C standard leaves open.
static void test_unspecified(void) {
    char got[64];
    const char* volatile no_string = NULL;
    int length = rt_snprintf(got, sizeof got, "%p", (void*)0);
    compare("%p", "0x0", 3, got, length);
    length = rt_snprintf(got, sizeof got, "%s", no_string);
    compare("%s", "(null)", 6, got, length);
    length = rt_snprintf(got, sizeof got, "a%yb");
    compare("%y", "a%yb", 4, got, length);
    length = rt_snprintf(got, sizeof got, "a%5");
    compare("%5", "a%5", 3, got, length);
}

static void test_bounds(void) {
    char got[64];
    memset(got, 'x', sizeof got);
    int length = rt_snprintf(got, 4, "%s", "truncated");
    compare("into 4 bytes", "tru", 9, got, length);
    got[6] = '\0';
    compare("behind them", "xx", 2, got + 4, 2);
    length = rt_snprintf(NULL, 0, "%d", 12345);
    compare("into none", "", 5, "", length);
}

static const struct {
    const char* name;
    void (*run)(void);
} tests[] = {
    {"integers as in the C library", test_integers},
    {"strings, characters and pointers as in the C library", test_strings},
    {"what the C standard leaves open", test_unspecified},
    {"bounds of the buffer", test_bounds},
};

/// `--list` names the tests, a name runs one, nothing runs all (tests/unit/run.py).
int main(int argc, char** argv) {
    for (size_t i = 0; i < sizeof tests / sizeof *tests; i++) {
        if (argc > 1 && strcmp(argv[1], "--list") == 0) {
            puts(tests[i].name);
        } else if (argc == 1 || strcmp(argv[1], tests[i].name) == 0) {
            checks = failures = 0;
            tests[i].run();
            if (failures == 0 && checks > 0) {
                printf("ok %s\n", tests[i].name);
            } else {
                printf("not ok %s: %d of %d checks failed\n", tests[i].name, failures, checks);
            }
        }
    }
    return 0;
}
