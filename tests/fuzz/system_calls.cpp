// SPDX-License-Identifier: GPL-2.0-only
//
// Fuzz target: whole systems. The input's bytes become system calls, interrupts, preemptions and memory accesses of the
// base system (base_system.hpp); every invariant must hold throughout.
//
//     system_calls CORPUS...             libFuzzer
//     system_calls --trace INPUT         the steps that an input makes, as a trace, up to where it fails
//     system_calls --replay TRACE        does a trace, all invariants checked after every entry; says what came of each step
//
// Environment: ANTIMONO_CHECK_EVERY=N checks the invariants after each Nth entry and after the last one (default 1);
// ANTIMONO_TABLE=FILE writes the number of entries and the table of results there every few seconds.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "frame/host/processor.hpp"
#include "tests/fuzz/generator.hpp"
#include "tests/fuzz/session.hpp"
#include "tests/fuzz/source.hpp"
#include "tests/machine/base_system.hpp"
#include "tests/machine/machine.hpp"

namespace {

using test::BaseSystem;
using test::Generator;
using test::Machine;
using test::Result;
using test::Source;
using test::Step;

constexpr std::size_t most_steps = 2000;
constexpr unsigned most_idle_steps = 2;

struct Session {
    Machine& machine = Machine::boot();
    test::ResultTable table{};
    std::uint64_t check_every = 1;
    std::string table_path{};
    std::chrono::steady_clock::time_point last_write = std::chrono::steady_clock::now();

    Session() {
        BaseSystem::build(machine);
        frame::host::Processor::instance().console = frame::host::Processor::Console::dropped;
        Machine::checkpoint();
        machine.checks_every_entry = false;
        if (const char* const every = std::getenv("ANTIMONO_CHECK_EVERY")) {
            check_every = std::strtoull(every, nullptr, 10);
        }
        if (const char* const path = std::getenv("ANTIMONO_TABLE")) {
            table_path = path;
        }
    }
    ~Session() { write(); }

    void write() const {
        if (!table_path.empty()) {
            // Each process appears in the file once it is complete.
            const std::string unfinished = table_path + ".new";
            table.write(unfinished, machine.entries());
            std::rename(unfinished.c_str(), table_path.c_str());
        }
    }
    void write_now_and_then() {
        const auto now = std::chrono::steady_clock::now();
        if (now - last_write > std::chrono::seconds{2}) {
            last_write = now;
            write();
        }
    }
};

Session& session() {
    static Session the_session;
    return the_session;
}

/// Runs one input; `observe` sees each step before it is done.
template <class Observe>
void run_input(std::span<const std::uint8_t> bytes, Observe observe) {
    Session& all = session();
    all.machine.restore();
    Source source{bytes};
    Generator generator{all.machine};
    unsigned idle = 0;
    std::uint64_t since_check = 0;
    for (std::size_t count = 0; count < most_steps && !source.is_empty() && idle < most_idle_steps; ++count) {
        idle = all.machine.is_idle() ? idle + 1 : 0;
        const Step step = generator.next(source);
        observe(step);
        const std::uint32_t call = generator.number_of(step);
        if (!all.table.knows(call)) {
            all.table.set_name(call, generator.name_of(step));
        }
        all.table.add(call, all.machine.perform(step));
        if (++since_check == all.check_every) {
            since_check = 0;
            Machine::check_invariants();
        }
    }
    if (since_check != 0) {
        Machine::check_invariants();
    }
}

int print_trace(const char* path) {
    std::ifstream file{path, std::ios::binary};
    if (!file) {
        std::fprintf(stderr, "%s cannot be read\n", path);
        return 2;
    }
    const std::vector<char> text{std::istreambuf_iterator<char>{file}, {}};
    const std::vector<std::uint8_t> bytes(text.begin(), text.end());
    std::printf("# A trace of the base system (tests/machine/base_system.hpp). Do it again: ./antimono replay FILE\n");
    run_input(bytes, [](const Step& step) {
        std::printf("%s\n", to_text(step).c_str());
        std::fflush(stdout);
    });
    return 0;
}

int replay(const char* path) {
    std::ifstream file{path};
    if (!file) {
        std::fprintf(stderr, "%s cannot be read\n", path);
        return 2;
    }
    Session& all = session();
    all.machine.checks_every_entry = true;
    frame::host::Processor::instance().console = frame::host::Processor::Console::kept;
    std::string line;
    for (unsigned number = 1; std::getline(file, line); ++number) {
        const std::size_t text = line.find_first_not_of(" \t\r");
        if (text == std::string::npos || line[text] == '#') {
            continue;
        }
        const std::optional<Step> step = test::step_from_text(line);
        if (!step) {
            std::fprintf(stderr, "%s:%u: this is no step: %s\n", path, number, line.c_str());
            return 2;
        }
        std::printf("%s\n", line.c_str());
        std::fflush(stdout);
        const std::string who = all.machine.is_idle()
                                    ? "nobody"
                                    : std::string{"priority "} + std::to_string(all.machine.running().priority);
        std::printf("    # %s -> %s\n", who.c_str(), to_text(all.machine.perform(*step)).c_str());
        std::fflush(stdout);
    }
    std::printf("# %llu kernel entries; every invariant held after each of them.\n",
                static_cast<unsigned long long>(all.machine.entries()));
    return 0;
}

}  // namespace

extern "C" int LLVMFuzzerInitialize(int* count, char*** arguments) {
    if (*count == 3 && std::strcmp((*arguments)[1], "--trace") == 0) {
        std::exit(print_trace((*arguments)[2]));
    }
    if (*count == 3 && std::strcmp((*arguments)[1], "--replay") == 0) {
        std::exit(replay((*arguments)[2]));
    }
    session();
    return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    run_input({data, size}, [](const Step&) {});
    session().write_now_and_then();
    return 0;
}
