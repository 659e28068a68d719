// SPDX-License-Identifier: GPL-2.0-only
#include "frame/x86_64/reports.hpp"

#include <cstddef>
#include <span>

namespace frame::x86_64 {

/// An entry of section .reports, as stop_here() writes it: offsets from the members themselves.
struct ReportEntry {
    std::int32_t instruction;
    std::int32_t what;
    std::int32_t file;
    std::uint32_t line;
};
static_assert(sizeof(ReportEntry) == 16);

// SAFETY: defined in kernel.ld, around the section, start first; it holds whole entries and nothing else.
extern "C" {
extern const ReportEntry frame_reports_start[];
extern const ReportEntry frame_reports_end[];
}

namespace {

/// What lies `offset` bytes from where that number is stored.
std::uint64_t target_of(const std::int32_t& offset) {
    // SAFETY: pointer to integer only.
    return reinterpret_cast<std::uint64_t>(&offset) + static_cast<std::uint64_t>(std::int64_t{offset});
}

std::string_view text_at(const std::int32_t& offset) {
    // SAFETY: the assembler counted from the number to a NUL-terminated string in read-only data (stop_here's contract).
    return std::string_view{reinterpret_cast<const char*>(target_of(offset))};
}

}  // namespace

Report find_report(std::uint64_t address) {
    for (const ReportEntry& entry : std::span{frame_reports_start, frame_reports_end}) {
        if (target_of(entry.instruction) == address) {
            return {text_at(entry.what), text_at(entry.file), entry.line};
        }
    }
    return {};
}

}  // namespace frame::x86_64
