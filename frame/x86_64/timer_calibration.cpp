// SPDX-License-Identifier: GPL-2.0-only
#include "frame/x86_64/timer_calibration.hpp"

#include <abi/abi.hpp>

#include "frame/x86_64/cpu.hpp"
#include "frame/x86_64/features.hpp"
#include "frame/x86_64/local_apic.hpp"

namespace frame::x86_64 {
namespace {

/// The 8254 (Intel 8254, "Programming the 8254"). Channel 2 drives the speaker, so nobody needs its interrupt, and a gate
/// in port 61h starts it.
constexpr Port channel_2 = 0x42;
constexpr Port command = 0x43;
constexpr Port speaker = 0x61;
constexpr std::uint8_t gate_on = 0x01;
constexpr std::uint8_t speaker_on = 0x02;
constexpr std::uint8_t channel_2_rate_generator = 0xb4;
constexpr std::uint8_t latch_channel_2 = 0x80;
constexpr std::uint64_t pit_hz = 1'193'182;

/// Long enough to drown the cost of reading, short enough that the 16-bit count does not wrap.
constexpr std::uint64_t window_ms = 20;
constexpr std::uint64_t pit_window = pit_hz * window_ms / 1000;

void start_pit() {
    out8(speaker, static_cast<std::uint8_t>((in8(speaker) & ~speaker_on) | gate_on));
    out8(command, channel_2_rate_generator);
    out8(channel_2, 0);  // counts down from 65536, and again
    out8(channel_2, 0);
}

std::uint16_t read_pit() {
    out8(command, latch_channel_2);
    const std::uint8_t low = in8(channel_2);
    return static_cast<std::uint16_t>(low | (in8(channel_2) << 8));
}

/// All counters at one moment.
struct Sample {
    std::uint64_t tsc = 0;
    std::uint32_t apic = 0;
    std::uint16_t pit = 0;
};

/// Reads the counters as close together as possible: of a few attempts the fastest, so that an emulator that was not
/// running for a moment does not distort the result.
Sample take_sample() {
    Sample best{};
    std::uint64_t best_duration = ~std::uint64_t{0};
    for (unsigned attempt = 0; attempt < 5; ++attempt) {
        const std::uint64_t before = read_tsc();
        const std::uint32_t apic = timer_count();
        const std::uint16_t pit = read_pit();
        const std::uint64_t duration = read_tsc() - before;
        if (duration < best_duration) {
            best_duration = duration;
            best = {before + duration / 2, apic, pit};
        }
    }
    return best;
}

boot::Result<TimerFrequencies> measure_against_pit() {
    start_pit();
    start_timer_countdown(~std::uint32_t{0});
    const Sample first = take_sample();
    constexpr unsigned longest_standstill = 1'000'000;
    unsigned standstill = 0;
    for (std::uint16_t last = first.pit; static_cast<std::uint16_t>(first.pit - last) < pit_window;) {
        const std::uint16_t now = read_pit();
        standstill = now == last ? standstill + 1 : 0;
        last = now;
        if (standstill == longest_standstill) {
            return boot::failure(
                "timer: the 8254 does not count, and neither processor nor hypervisor tells the frequency of the "
                "time-stamp counter; switch the 8254 on in the firmware ('8254 clock gating' off)");
        }
    }
    const Sample last = take_sample();
    const std::uint64_t elapsed = static_cast<std::uint16_t>(first.pit - last.pit);
    return TimerFrequencies{.tsc_hz = frequency(last.tsc - first.tsc, elapsed, pit_hz),
                            .apic_timer_hz = frequency(first.apic - last.apic, elapsed, pit_hz)};
}

/// The time-stamp counter's frequency as the configuration, the processor or a hypervisor states it; 0: unknown.
std::uint64_t stated_tsc_hz() {
    if constexpr (abi::config::pc99_tsc_frequency != 0) {
        return abi::config::pc99_tsc_frequency;
    }
    if (features().greatest_leaf >= 0x15) {
        // EBX / EAX is the ratio to the crystal's frequency in ECX (Intel SDM vol. 2A, CPUID).
        const CpuidResult ratio = cpuid(0x15);
        if (ratio.eax != 0 && ratio.ebx != 0 && ratio.ecx != 0) {
            return frequency(ratio.ebx, ratio.eax, ratio.ecx);
        }
    }
    if (features().greatest_hypervisor_leaf >= 0x4000'0010) {
        return std::uint64_t{cpuid(0x4000'0010).eax} * 1000;
    }
    return 0;
}

TimerFrequencies measure_against_tsc(std::uint64_t tsc_hz) {
    start_timer_countdown(~std::uint32_t{0});
    const std::uint64_t start = read_tsc();
    const std::uint32_t first = timer_count();
    const std::uint64_t window = tsc_hz * window_ms / 1000;
    while (read_tsc() - start < window) {
        pause();
    }
    const std::uint64_t elapsed = read_tsc() - start;
    return {.tsc_hz = tsc_hz, .apic_timer_hz = frequency(first - timer_count(), elapsed, tsc_hz)};
}

}  // namespace

boot::Result<TimerFrequencies> measure_timers() {
    const std::uint64_t start = read_tsc();
    const std::uint64_t stated = stated_tsc_hz();
    boot::Result<TimerFrequencies> result = stated != 0 ? measure_against_tsc(stated) : measure_against_pit();
    if (result && (result->tsc_hz < 1'000'000 || result->apic_timer_hz == 0)) {
        return boot::failure("timer: implausible frequencies, time-stamp counter ", result->tsc_hz,
                             " Hz, local APIC timer ", result->apic_timer_hz, " Hz; the machine's timers do not work");
    }
    if (result) {
        result->measuring_ticks = read_tsc() - start;
    }
    return result;
}

}  // namespace frame::x86_64
