// SPDX-License-Identifier: GPL-2.0-only
//
// Traces as text: one step a line, `#` begins a comment. Numbers are hexadecimal with 0x, else decimal.
//
//     Call cap=0x3 info=CNodeCopy/0/1/5 words=0x10,0x40,0x2,0x40,0xf caps=0x3 preempt=0x1
//     Recv cap=0x5 receive=0x3,0x11,0x40
//     syscall:-77 cap=0x0 info=0x0/0/0/0      a number without a name
//     repeat preempt=0x3                      the thread executes its SYSCALL again
//     interrupt 157
//     trap 0xc8
//     exception 6 0x0
//     read 0x401000
//     write 0x401008 0x1234
//
// `info` is label/caps unwrapped/extra caps/length; `preempt` says at which looks for interrupts one arrives (lowest bit:
// the first), `by` which.
#include <charconv>
#include <format>
#include <map>
#include <system_error>

#include "tests/machine/step.hpp"

namespace test {

namespace {

constexpr std::uint64_t last_label = 128;
constexpr std::int64_t lowest_call = -64;

std::optional<std::uint64_t> number_from(std::string_view text) {
    int base = 10;
    if (text.starts_with("0x")) {
        text.remove_prefix(2);
        base = 16;
    }
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
    return error == std::errc{} && end == text.data() + text.size() ? std::optional{value} : std::nullopt;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(separator), text.size());
        if (end != 0) {
            parts.push_back(text.substr(0, end));
        }
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return parts;
}

std::optional<std::vector<std::uint64_t>> numbers_from(std::string_view text) {
    std::vector<std::uint64_t> numbers;
    for (const std::string_view part : split(text, ',')) {
        const std::optional<std::uint64_t> number = number_from(part);
        if (!number) {
            return std::nullopt;
        }
        numbers.push_back(*number);
    }
    return numbers;
}

template <class Numbers>
std::string joined(const Numbers& numbers) {
    std::string text;
    for (const std::uint64_t number : numbers) {
        text += std::format("{}{:#x}", text.empty() ? "" : ",", number);
    }
    return text;
}

std::string call_name(std::int64_t call) {
    const std::optional<abi::Syscall> known = abi::syscall(call);
    return known ? std::string{abi::name(*known)} : std::format("syscall:{}", call);
}

std::optional<std::int64_t> call_from(std::string_view text) {
    for (std::int64_t number = lowest_call; number < 0; ++number) {
        if (const auto known = abi::syscall(number); known && abi::name(*known) == text) {
            return number;
        }
    }
    constexpr std::string_view prefix = "syscall:";
    std::int64_t number = 0;
    if (!text.starts_with(prefix)) {
        return std::nullopt;
    }
    text.remove_prefix(prefix.size());
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc{} && end == text.data() + text.size() ? std::optional{number} : std::nullopt;
}

std::optional<std::uint64_t> label_from(std::string_view text) {
    for (std::uint64_t label = 0; label < last_label; ++label) {
        if (const auto known = abi::invocation_label(label); known && abi::name(*known) == text) {
            return label;
        }
    }
    return number_from(text);
}

std::optional<std::uint64_t> info_from(std::string_view text) {
    const std::vector<std::string_view> parts = split(text, '/');
    if (parts.size() != 4) {
        return std::nullopt;
    }
    const auto label = label_from(parts[0]);
    const auto unwrapped = number_from(parts[1]);
    const auto extra = number_from(parts[2]);
    const auto length = number_from(parts[3]);
    if (!label || !unwrapped || !extra || !length) {
        return std::nullopt;
    }
    return abi::message_info::make(*label, *unwrapped, *extra, *length);
}

bool read_option(Step& step, std::string_view name, std::string_view value) {
    if (name == "info") {
        const auto info = info_from(value);
        step.info = info.value_or(0);
        return info.has_value();
    }
    const auto numbers = numbers_from(value);
    if (!numbers || numbers->empty()) {
        return false;
    }
    if (name == "words") {
        step.words = *numbers;
    } else if (name == "caps") {
        step.caps = *numbers;
    } else if (name == "receive" && numbers->size() == 3) {
        step.receive = {(*numbers)[0], (*numbers)[1], (*numbers)[2]};
    } else if (numbers->size() != 1) {
        return false;
    } else if (name == "cap") {
        step.capability = numbers->front();
    } else if (name == "preempt") {
        step.preemptions = numbers->front();
    } else if (name == "by") {
        step.preempting_vector = static_cast<std::uint32_t>(numbers->front());
    } else {
        return false;
    }
    return true;
}

std::string preemption_text(const Step& step) {
    std::string text;
    if (step.preemptions != 0) {
        text += std::format(" preempt={:#x}", step.preemptions);
        if (step.preempting_vector != Step{}.preempting_vector) {
            text += std::format(" by={}", step.preempting_vector);
        }
    }
    return text;
}

std::string syscall_text(const Step& step) {
    namespace info = abi::message_info;
    std::string text = std::format("{} cap={:#x} info={}/{}/{}/{}", call_name(step.call), step.capability,
                                   label_name(info::label(step.info)), info::caps_unwrapped(step.info),
                                   info::extra_caps(step.info), info::length(step.info));
    if (!step.words.empty()) {
        text += " words=" + joined(step.words);
    }
    if (!step.caps.empty()) {
        text += " caps=" + joined(step.caps);
    }
    if (step.receive) {
        text += " receive=" + joined(*step.receive);
    }
    return text + preemption_text(step);
}

}  // namespace

std::string label_name(std::uint64_t label) {
    const auto known = label < last_label ? abi::invocation_label(label) : std::nullopt;
    return known ? std::string{abi::name(*known)} : std::format("{:#x}", label);
}

std::string to_text(const Step& step) {
    switch (step.kind) {
    case Step::Kind::syscall:
        return syscall_text(step);
    case Step::Kind::repeat:
        return "repeat" + preemption_text(step);
    case Step::Kind::interrupt:
        return std::format("interrupt {}", step.number);
    case Step::Kind::trap:
        return std::format("trap {:#x}", step.number);
    case Step::Kind::exception:
        return std::format("exception {} {:#x}", step.number, step.value);
    case Step::Kind::read:
        return std::format("read {:#x}", step.address);
    case Step::Kind::write:
        return std::format("write {:#x} {:#x}", step.address, step.value);
    }
    return {};
}

std::optional<Step> step_from_text(std::string_view line) {
    const std::vector<std::string_view> parts = split(line.substr(0, line.find('#')), ' ');
    if (parts.empty()) {
        return std::nullopt;
    }
    Step step;
    std::vector<std::uint64_t> plain;
    for (std::size_t at = 1; at < parts.size(); ++at) {
        if (const std::size_t sign = parts[at].find('='); sign != std::string_view::npos) {
            if (!read_option(step, parts[at].substr(0, sign), parts[at].substr(sign + 1))) {
                return std::nullopt;
            }
        } else if (const auto number = number_from(parts[at])) {
            plain.push_back(*number);
        } else {
            return std::nullopt;
        }
    }
    static const std::map<std::string_view, std::pair<Step::Kind, std::size_t>> kinds{
        {"repeat", {Step::Kind::repeat, 0}}, {"interrupt", {Step::Kind::interrupt, 1}},
        {"trap", {Step::Kind::trap, 1}},     {"exception", {Step::Kind::exception, 2}},
        {"read", {Step::Kind::read, 1}},     {"write", {Step::Kind::write, 2}},
    };
    if (const auto kind = kinds.find(parts[0]); kind != kinds.end()) {
        if (plain.size() != kind->second.second) {
            return std::nullopt;
        }
        step.kind = kind->second.first;
        const bool is_access = step.kind == Step::Kind::read || step.kind == Step::Kind::write;
        if (!plain.empty()) {
            (is_access ? step.address : step.number) = plain[0];
        }
        step.value = plain.size() > 1 ? plain[1] : 0;
        return step;
    }
    const std::optional<std::int64_t> call = call_from(parts[0]);
    if (!call || !plain.empty()) {
        return std::nullopt;
    }
    step.call = *call;
    return step;
}

}  // namespace test
