// SPDX-License-Identifier: GPL-2.0-only
#include "tests/fuzz/recording.hpp"

#include <array>
#include <charconv>
#include <format>
#include <fstream>
#include <utility>

#include "frame/host/processor.hpp"
#include "tests/machine/census.hpp"

namespace test {

namespace {

using frame::Register;

constexpr std::uint64_t word = sizeof(std::uint64_t);
constexpr std::uint64_t page = 4096;
constexpr std::uint64_t buffer_bytes = 1024;
/// The page behind the initial thread's IPC buffer.
constexpr std::uint64_t boot_information = 0x40'2000;
constexpr unsigned digits = 4;

}  // namespace

void Recording::add_word(std::uint64_t value) {
    const std::uint64_t mixed = (hash_ ^ value) * 0x9e37'79b9'7f4a'7c15;
    hash_ = mixed ^ (mixed >> 29);
}

void Recording::end_step() { lines_.back().codes.push_back(static_cast<std::uint16_t>(hash_ >> 48)); }

void Recording::begin(std::string name) {
    lines_.push_back({std::move(name), {}});
    hash_ = 1;
}

void Recording::add_running(Machine& machine) {
    add_word(machine.is_idle() ? 0 : Machine::running_place());
    if (machine.is_idle()) {
        return;
    }
    const kernel::Tcb& tcb = machine.running();
    for (unsigned reg = 0; reg < frame::UserContext::register_count; ++reg) {
        add_word(tcb.block.context.get(static_cast<Register>(reg)));
    }
    for (std::uint64_t offset = 0; offset < buffer_bytes; offset += word) {
        add_word(machine.load(tcb.ipc_buffer.value() + offset).value_or(~std::uint64_t{0}));
    }
}

void Recording::add_held(const Held& held) {
    // The kernel's own slots are wherever this process has its variables.
    add_word(held.home == 0 ? 0 : held.place);
    add_word(held.first);
    add_word(held.second);
}

void Recording::add_capabilities() {
    for (const Held& held : Census{}.held) {
        add_held(held);
    }
}

void Recording::add_console() {
    std::string& text = frame::host::Processor::instance().console_text;
    for (const char character : text) {
        add_word(static_cast<unsigned char>(character));
    }
    text.clear();
}

void Recording::add(Machine& machine, const Result& result) {
    add_word(std::to_underlying(result.kind));
    add_word(abi::number(result.error));
    add_running(machine);
    add_capabilities();
    add_console();
    end_step();
}

void Recording::add_boot(Machine& machine) {
    for (const Held& held : Census{}.held) {
        add_held(held);
        end_step();
    }
    for (std::uint64_t offset = 0; offset < page; offset += word) {
        add_word(machine.load(boot_information + offset).value_or(~std::uint64_t{0}));
    }
    end_step();
}

bool Recording::write(const char* path) const {
    std::ofstream file{path};
    for (const Line& line : lines_) {
        file << line.name << ' ';
        for (const std::uint16_t code : line.codes) {
            file << std::format("{:04x}", code);
        }
        file << '\n';
    }
    return file.good();
}

std::vector<Recording::Line> Recording::read(const char* path) {
    std::vector<Line> lines;
    std::ifstream file{path};
    std::string name;
    std::string text;
    while (file >> name >> text) {
        Line line{name, {}};
        for (std::size_t at = 0; at + digits <= text.size(); at += digits) {
            std::uint16_t code = 0;
            std::from_chars(text.data() + at, text.data() + at + digits, code, 16);
            line.codes.push_back(code);
        }
        lines.push_back(std::move(line));
    }
    return lines;
}

}  // namespace test
