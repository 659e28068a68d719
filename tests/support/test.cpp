// SPDX-License-Identifier: GPL-2.0-only
#include "tests/support/test.hpp"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

#include <sys/wait.h>
#include <unistd.h>

// AddressSanitizer asks for these. The kernel has no heap, and the leak check needs ptrace, which containers refuse.
extern "C" const char* __asan_default_options();
extern "C" const char* __asan_default_options() { return "detect_leaks=0:abort_on_error=0:exitcode=99"; }
extern "C" const char* __ubsan_default_options();
extern "C" const char* __ubsan_default_options() { return "print_stacktrace=1:exitcode=99"; }

namespace test {
namespace {

struct Test {
    std::string name;  ///< with the file's
    void (*body)();
};

/// Seconds after which a test counts as hanging.
constexpr unsigned patience = 120;
/// A failed check ends its process with this status, after the reason on standard error.
constexpr int failed_status = 42;

std::vector<Test>& tests() {
    static std::vector<Test> all;
    return all;
}

struct Ending {
    bool passed = false;
    std::string reason;
    std::string output;
};

/// Runs `body` in a child process and collects what it prints.
Ending run_apart(const std::function<void()>& body) {
    int pipe_ends[2];
    if (pipe(pipe_ends) != 0) {
        return {false, "pipe: " + std::string{std::strerror(errno)}, ""};
    }
    std::fflush(nullptr);
    const pid_t child = fork();
    if (child == 0) {
        dup2(pipe_ends[1], STDOUT_FILENO);
        dup2(pipe_ends[1], STDERR_FILENO);
        close(pipe_ends[0]);
        close(pipe_ends[1]);
        alarm(patience);
        body();
        std::fflush(nullptr);
        _exit(0);
    }
    close(pipe_ends[1]);
    Ending ending;
    char buffer[4096];
    for (ssize_t count; (count = read(pipe_ends[0], buffer, sizeof buffer)) > 0;) {
        ending.output.append(buffer, static_cast<std::size_t>(count));
    }
    close(pipe_ends[0]);
    int status = 0;
    waitpid(child, &status, 0);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
        ending.passed = true;
    } else if (WIFEXITED(status)) {
        ending.reason = "the process ended with status " + std::to_string(WEXITSTATUS(status));
        if (WEXITSTATUS(status) == failed_status) {
            const std::size_t line = ending.output.rfind('\n', ending.output.size() - 2);
            const std::size_t start = line == std::string::npos ? 0 : line + 1;
            ending.reason = ending.output.substr(start, ending.output.size() - start - 1);
            ending.output.erase(start);
        }
    } else if (WTERMSIG(status) == SIGALRM) {
        ending.reason = "still running after " + std::to_string(patience) + " s";
    } else {
        ending.reason = std::string{"the process was ended by "} + strsignal(WTERMSIG(status));
    }
    return ending;
}

bool run(const Test& test) {
    const auto started = std::chrono::steady_clock::now();
    const Ending ending = run_apart(test.body);
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - started;
    if (ending.passed) {
        std::printf("ok %s # %.1f s\n", test.name.c_str(), seconds.count());
    } else {
        std::printf("not ok %s: %s # %.1f s\n", test.name.c_str(), ending.reason.c_str(), seconds.count());
        std::istringstream lines{ending.output};
        for (std::string line; std::getline(lines, line);) {
            std::printf("# %s\n", line.c_str());
        }
    }
    std::fflush(stdout);
    return ending.passed;
}

}  // namespace

Registration::Registration(std::string_view file, std::string_view test, void (*body)()) {
    const std::string name = std::string{file.substr(0, file.rfind('.'))} + "/" + std::string{test};
    const bool taken = std::ranges::any_of(tests(), [&](const Test& other) { return other.name == name; });
    if (taken) {
        std::fprintf(stderr, "two tests are called \"%s\"\n", name.c_str());
        std::abort();
    }
    tests().push_back({name, body});
}

void fail(const std::string& reason, std::source_location where) {
    std::string_view file = where.file_name();
    const std::size_t tests_at = file.rfind("tests/");
    if (tests_at != std::string_view::npos) {
        file.remove_prefix(tests_at);
    }
    std::fflush(nullptr);
    std::fprintf(stderr, "%s (%s:%u)\n", reason.c_str(), std::string{file}.c_str(), where.line());
    std::fflush(nullptr);
    _exit(failed_status);
}

void check(bool holds, std::string_view condition, std::source_location where) {
    if (!holds) {
        fail("does not hold: " + std::string{condition}, where);
    }
}

void check_dies(std::string_view message, const std::function<void()>& act, std::source_location where) {
    const Ending ending = run_apart(act);
    if (ending.passed) {
        fail("should have stopped with \"" + std::string{message} + "\", but went on", where);
    }
    if (ending.output.find(message) == std::string::npos && ending.reason.find(message) == std::string::npos) {
        fail("should have stopped with \"" + std::string{message} + "\", but said: " + ending.reason + " " +
                 ending.output.substr(0, 400),
             where);
    }
}

void for_seeds(unsigned first, unsigned count, const std::function<void(unsigned)>& body) {
    for (unsigned seed = first; seed < first + count; ++seed) {
        const Ending ending = run_apart([&] { body(seed); });
        if (!ending.passed) {
            std::fprintf(stderr, "%s", ending.output.c_str());
            fail("seed " + std::to_string(seed) + ": " + ending.reason, std::source_location::current());
        }
    }
}

}  // namespace test

/// unit_tests [--list] [--first-failure] [NAME...]: the tests of those names, or whose names begin so if NAME ends in a slash;
/// all without any.
int main(int argc, char** argv) {
    bool lists = false;
    bool stops = false;
    std::vector<std::string_view> wanted;
    for (const std::string_view argument : std::vector<std::string_view>(argv + 1, argv + argc)) {
        if (argument == "--list") {
            lists = true;
        } else if (argument == "--first-failure") {
            stops = true;
        } else {
            wanted.push_back(argument);
        }
    }
    bool all_passed = true;
    for (const test::Test& test : test::tests()) {
        const bool is_wanted = wanted.empty() || std::ranges::any_of(wanted, [&](std::string_view name) {
                                   return name.ends_with('/') ? test.name.starts_with(name) : test.name == name;
                               });
        if (!is_wanted) {
            continue;
        }
        if (lists) {
            std::printf("%s\n", test.name.c_str());
            continue;
        }
        all_passed = test::run(test) && all_passed;
        if (stops && !all_passed) {
            break;
        }
    }
    return all_passed ? 0 : 1;
}
