// SPDX-License-Identifier: GPL-2.0-only
#include "frame/host/checkpoint.hpp"

#include <memory>
#include <vector>

#include <frame/check.hpp>
#include "frame/host/arena.hpp"
#include "frame/host/derivation_model.hpp"
#include "frame/host/devices.hpp"
#include "frame/host/mmu.hpp"
#include "frame/host/processor.hpp"
#include "frame/host/raw_copy.hpp"

// SAFETY: the linker defines both, at the ends of the section that phase.hpp puts all kernel state in.
extern "C" unsigned char __start_kernel_state[];
extern "C" unsigned char __stop_kernel_state[];

namespace frame::host {

namespace {

struct Kept {
    std::vector<unsigned char> kernel_state;
    DerivationModel model;
    Devices devices;
    Mmu mmu;
    Processor processor;
    FpuRegisters fpu;
};

Kept*& kept() {
    static Kept* the_kept = nullptr;
    return the_kept;
}

}  // namespace

void checkpoint() {
    Arena::checkpoint();
    const auto size = static_cast<std::size_t>(__stop_kernel_state - __start_kernel_state);
    if (kept() == nullptr) {
        // SAFETY: lives as long as the process.
        kept() = new Kept;
    }
    *kept() = Kept{.kernel_state = std::vector<unsigned char>(size),
                   .model = DerivationModel::instance(),
                   .devices = Devices::instance(),
                   .mmu = Mmu::instance(),
                   .processor = Processor::instance(),
                   .fpu = FpuRegisters::instance()};
    raw_copy(kept()->kernel_state.data(), __start_kernel_state, size);
}

void restore() {
    check(kept() != nullptr, "the machine was set back without a checkpoint");
    Arena::restore();
    raw_copy(__start_kernel_state, kept()->kernel_state.data(), kept()->kernel_state.size());
    DerivationModel::instance() = kept()->model;
    Devices::instance() = kept()->devices;
    Mmu::instance() = kept()->mmu;
    Processor::instance() = kept()->processor;
    FpuRegisters::instance() = kept()->fpu;
}

}  // namespace frame::host
