// SPDX-License-Identifier: GPL-2.0-only
//
// Fuzz target: whole systems. The input's bytes become system calls, interrupts, preemptions and memory accesses of the
// base system (base_system.hpp); every invariant must hold throughout.
//
//     system_calls CORPUS...             libFuzzer
//     system_calls --trace INPUT         the steps that an input makes, as a trace, up to where it fails
//     system_calls --replay TRACE        does a trace, all invariants checked after every entry; says what came of each step
//     system_calls --program TRACE       the same with threads that go on by themselves, as on a machine (program.hpp), and
//                                        tells all that a machine needs to do it, too: tools/antimono/replay_machine.py
//     system_calls --recorded FILE CORPUS
//                                        whether the corpus and some random inputs still lead to what FILE has recorded of
//                                        them (recording.hpp); --record FILE CORPUS writes it
//
// Environment: ANTIMONO_CHECK_EVERY=N checks the invariants after each Nth entry and after the last one (default 1);
// ANTIMONO_TABLE=FILE writes the number of entries and the table of results there every few seconds.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <format>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "frame/host/processor.hpp"
#include "tests/fuzz/generator.hpp"
#include "tests/fuzz/recording.hpp"
#include "tests/fuzz/session.hpp"
#include "tests/fuzz/source.hpp"
#include "tests/machine/base_system.hpp"
#include "tests/machine/machine.hpp"
#include "tests/machine/program.hpp"

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

/// Runs one input; `observe` sees each step before it is done, and `learn` what came of it.
template <class Observe, class Learn>
void run_input(std::span<const std::uint8_t> bytes, Observe observe, Learn learn) {
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
        const Result result = all.machine.perform(step);
        all.table.add(call, result);
        learn(step, result);
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
    run_input(
        bytes,
        [](const Step& step) {
            std::printf("%s\n", to_text(step).c_str());
            std::fflush(stdout);
        },
        [](const Step&, const Result&) {});
    return 0;
}

constexpr unsigned random_inputs = 100;
constexpr std::size_t random_bytes = 3000;

std::vector<std::uint8_t> bytes_of(const std::filesystem::path& path) {
    std::ifstream file{path, std::ios::binary};
    const std::vector<char> text{std::istreambuf_iterator<char>{file}, {}};
    return {text.begin(), text.end()};
}

/// Inputs by name: those of a directory, in order, and random ones.
std::map<std::string, std::vector<std::uint8_t>> inputs_to_record(const char* corpus) {
    std::map<std::string, std::vector<std::uint8_t>> inputs;
    for (const auto& entry : std::filesystem::directory_iterator{corpus}) {
        inputs[entry.path().filename().string()] = bytes_of(entry.path());
    }
    for (unsigned seed = 1; seed <= random_inputs; ++seed) {
        std::mt19937_64 random{seed};
        std::vector<std::uint8_t> bytes(random_bytes);
        for (std::uint8_t& byte : bytes) {
            byte = static_cast<std::uint8_t>(random());
        }
        inputs[std::format("random-{:03}", seed)] = std::move(bytes);
    }
    return inputs;
}

/// One input; the texts of its steps, with what came of them.
std::vector<std::string> record_input(test::Recording& recording, const std::string& name,
                                      std::span<const std::uint8_t> bytes) {
    std::vector<std::string> steps;
    recording.begin(name);
    run_input(
        bytes, [](const Step&) {},
        [&](const Step& step, const Result& result) {
            recording.add(session().machine, result);
            steps.push_back(to_text(step) + " -> " + to_text(result));
        });
    return steps;
}

int record(const char* path, const char* corpus, bool is_check) {
    Machine& machine = session().machine;
    frame::host::Processor::instance().console = frame::host::Processor::Console::kept;
    const std::vector<test::Recording::Line> recorded = test::Recording::read(path);
    test::Recording recording;
    std::size_t line = 0;
    const auto differs = [&](std::span<const std::string> steps) {
        if (!is_check) {
            return false;
        }
        const test::Recording::Line& now = recording.lines().back();
        if (line == recorded.size() || recorded[line].name != now.name) {
            std::printf("%s is not in the recording %s\n", now.name.c_str(), path);
            return true;
        }
        const test::Recording::Codes& then = recorded[line++].codes;
        const auto [mine, theirs] = std::ranges::mismatch(now.codes, then);
        if (mine == now.codes.end() && theirs == then.end()) {
            return false;
        }
        const auto step = static_cast<std::size_t>(mine - now.codes.begin());
        std::printf("%s differs from the recording at step %zu: %s\n", now.name.c_str(), step,
                    step < steps.size() ? steps[step].c_str() : "-");
        return true;
    };
    recording.begin("boot");
    recording.add_boot(machine);
    if (differs({})) {
        return 1;
    }
    const std::uint64_t wanted = session().check_every;
    for (const auto& [name, bytes] : inputs_to_record(corpus)) {
        // The corpus has what matters to the invariants; they are most of the time.
        session().check_every = name.starts_with("random-") ? 16 * wanted : wanted;
        if (differs(record_input(recording, name, bytes))) {
            return 1;
        }
    }
    if (!is_check && !recording.write(path)) {
        std::fprintf(stderr, "%s cannot be written\n", path);
        return 2;
    }
    if (is_check && line != recorded.size()) {
        std::printf("%s is recorded, but no longer an input\n", recorded[line].name.c_str());
        return 1;
    }
    std::fprintf(stderr, "%zu inputs\n", recording.lines().size() - 1);
    return 0;
}

/// Gives each step of a trace to `act` until that says false; whether all could be read.
template <class Act>
bool for_each_step(const char* path, Act act) {
    std::ifstream file{path};
    if (!file) {
        std::fprintf(stderr, "%s cannot be read\n", path);
        return false;
    }
    std::string line;
    for (unsigned number = 1; std::getline(file, line); ++number) {
        const std::size_t text = line.find_first_not_of(" \t\r");
        if (text == std::string::npos || line[text] == '#') {
            continue;
        }
        const std::optional<Step> step = test::step_from_text(line);
        if (!step) {
            std::fprintf(stderr, "%s:%u: this is no step: %s\n", path, number, line.c_str());
            return false;
        }
        std::printf("%s\n", line.c_str());
        std::fflush(stdout);
        if (!act(*step)) {
            return true;
        }
        std::fflush(stdout);
    }
    return true;
}

int replay(const char* path) {
    Session& all = session();
    all.machine.checks_every_entry = true;
    frame::host::Processor::instance().console = frame::host::Processor::Console::kept;
    const bool good = for_each_step(path, [&](const Step& step) {
        const std::string who = all.machine.is_idle()
                                    ? "nobody"
                                    : std::string{"priority "} + std::to_string(all.machine.running().priority);
        std::printf("    # %s -> %s\n", who.c_str(), to_text(all.machine.perform(step)).c_str());
        return true;
    });
    if (!good) {
        return 2;
    }
    std::printf("# %llu kernel entries; every invariant held after each of them.\n",
                static_cast<unsigned long long>(all.machine.entries()));
    return 0;
}

void print_list(const char* name, std::span<const std::uint64_t> values) {
    std::printf(",\"%s\":[", name);
    for (std::size_t index = 0; index < values.size(); ++index) {
        std::printf("%s%llu", index == 0 ? "" : ",", static_cast<unsigned long long>(values[index]));
    }
    std::printf("]");
}

/// A line of JSON behind the mark `@`. Calls and labels go by name: their numbers depend on the configuration.
void print_taken(const char* kind, const Step* step, const test::Program::Taken& taken) {
    std::printf("@{\"kind\":\"%s\"", kind);
    if (step != nullptr) {
        namespace info = abi::message_info;
        std::printf(",\"step\":\"%s\",\"label\":\"%s\"", to_text(*step).c_str(),
                    test::label_name(info::label(step->info)).c_str());
        print_list("numbers",
                   std::array{step->capability, info::caps_unwrapped(step->info), info::extra_caps(step->info),
                              info::length(step->info), step->number, step->address, step->value});
        print_list("words", std::span{step->words}.first(std::min<std::size_t>(step->words.size(), 4)));
        std::vector<std::uint64_t> stores;
        for (const auto& [address, value] : taken.stores) {
            stores.push_back(address);
            stores.push_back(value);
        }
        print_list("stores", stores);
        std::printf(",\"priority\":%u,\"result\":\"%s\"", taken.priority, to_text(taken.result).c_str());
    }
    if (taken.registers) {
        print_list("registers", *taken.registers);
        std::printf(",\"thread\":%llu", static_cast<unsigned long long>(taken.thread));
    }
    std::printf("}\n");
}

int run_program(const char* path) {
    Machine& machine = Machine::boot();
    test::Program program{
        machine, [](const Step& step, const test::Program::Taken& taken) { print_taken("before", &step, taken); }};
    bool is_lost = false;
    const bool good = for_each_step(path, [&](const Step& step) {
        const std::optional<test::Program::Taken> taken = program.take(step);
        is_lost = !taken.has_value();
        if (taken) {
            print_taken("step", &step, *taken);
        }
        return !is_lost;
    });
    if (!good) {
        return 2;
    }
    const std::optional<test::Program::Taken> last = is_lost ? std::nullopt : program.look();
    last ? print_taken("end", nullptr, *last) : print_taken("lost", nullptr, {});
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
    if (*count == 3 && std::strcmp((*arguments)[1], "--program") == 0) {
        std::exit(run_program((*arguments)[2]));
    }
    for (const bool is_check : {true, false}) {
        if (*count == 4 && std::strcmp((*arguments)[1], is_check ? "--recorded" : "--record") == 0) {
            std::exit(record((*arguments)[2], (*arguments)[3], is_check));
        }
    }
    session();
    return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    run_input({data, size}, [](const Step&) {}, [](const Step&, const Result&) {});
    session().write_now_and_then();
    return 0;
}
