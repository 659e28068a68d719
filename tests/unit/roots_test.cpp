// SPDX-License-Identifier: GPL-2.0-only
//
// frame/x86_64/roots.hpp on a model of a processor (Intel SDM vol. 3A, 4.10) that forgets only what it is told to: in each
// of the four ways that processors differ, a random life of address spaces never meets a translation or a paging structure
// that the tables do not have any more, and user mode never has one of the kernel's.
#include "frame/x86_64/roots.hpp"

#include <random>

#include "tests/support/test.hpp"
#include "tests/unit/processor_model.hpp"

namespace {

using frame::Asid;
using frame::PhysicalAddress;
using frame::UserAddress;
using frame::x86_64::Roots;
using processor_model::Entry;
using processor_model::Processor;
using processor_model::top_level;

/// Stands for the kernel's half: what a root shows there, kernel_view or gate_view.
constexpr std::uint64_t kernel_half = 0xffff'8000'0000'0000;
constexpr std::uint64_t kernel_view = 1;
constexpr std::uint64_t gate_view = 2;

/// Two pages in one page table, one more in each other table of the same page directory, PDPT and PML4.
constexpr std::array<std::uint64_t, 6> user_pages{0x1000,      0x2000,         0x20'0000,
                                                  0x4000'0000, 0x80'0000'0000, 0x7fff'ffff'f000};

Processor processor;

struct Cpu {
    static std::uint64_t read_cr3() { return processor.cr3; }
    static void write_cr3(std::uint64_t word) { processor.load(word); }
    static void invlpg(std::uint64_t address) { processor.forget_everywhere(address); }
    static void invpcid_address(std::uint64_t pcid, std::uint64_t address) {
        CHECK(processor.has_pcids);
        processor.remembered[pcid].forget(address);
    }
    static void invpcid_context(std::uint64_t pcid) {
        CHECK(processor.has_pcids);
        processor.remembered[pcid] = {};
    }
};

/// A kernel that does nothing but change address spaces, as frame/core/asid.cpp and paging.cpp do: changes the tables,
/// forgets what they showed, and only then gives their memory away; unloads a root before its ASID ends.
class Kernel {
public:
    Kernel(bool is_isolated, bool has_pcids, std::uint32_t seed) : random_{seed} {
        processor = Processor{};
        kernel_root_ = new_table();
        gate_root_ = new_table();
        // The kernel's pages are marked global whether or not that is switched on.
        map(kernel_root_, kernel_half, {.target = kernel_view, .is_global = true});
        map(gate_root_, kernel_half, {.target = gate_view, .is_global = false});
        processor.cr3 = kernel_root_;
        if (is_isolated) {
            roots_.isolate(kernel_root_, gate_root_);
        }
        processor.has_global_pages = roots_.allows_global_pages();
        processor.has_pcids = has_pcids;
        if (has_pcids) {
            roots_.tag();
        }
    }

    void live(int steps) {
        for (int step = 0; step < steps; ++step) {
            act();
            leave();
            look_around(true);
            enter();
            look_around(false);
        }
    }

    void create(std::uint64_t asid) {
        if (!spaces_.contains(asid)) {
            const std::uint64_t root = new_table();
            spaces_[asid] = root;
            auto& entries = processor.memory.entries(root);
            entries = processor.memory.entries(roots_.is_isolated() ? gate_root_ : kernel_root_);
        }
    }
    void load(std::uint64_t asid) {
        loaded_ = asid;
        frame::x86_64::load_user_root<Cpu>(
            roots_, frame::x86_64::user_root_word(roots_, PhysicalAddress{spaces_[asid]}, asid_of(asid)));
    }
    void map_page(std::uint64_t asid, std::uint64_t page) {
        unmap_page(asid, page);
        map(spaces_[asid], page, {.target = 0x1000 + any(1000), .is_global = false});
    }
    /// As entry.S does.
    void leave() {
        if (roots_.is_isolated()) {
            processor.load(roots_.user_root);
        }
    }
    void enter() {
        if (roots_.is_isolated()) {
            processor.load(roots_.kernel_root);
        }
    }
    /// Whatever the tables show is used once, or guessed at.
    static void use_everything() {
        processor.remember(kernel_half);
        for (const std::uint64_t page : user_pages) {
            processor.remember(page);
        }
    }

private:
    [[nodiscard]] std::uint64_t any(std::uint64_t count) { return random_() % count; }
    [[nodiscard]] std::uint64_t new_table() { return processor.memory.allocate(random_()); }
    [[nodiscard]] static Asid asid_of(std::uint64_t number) { return Asid{static_cast<std::uint16_t>(number)}; }

    void act() {
        // Three ASIDs, the last one possible among them; a new life of an ASID has another root.
        constexpr std::array<std::uint64_t, 3> asids{1, 2, 4095};
        const std::uint64_t asid = asids[any(asids.size())];
        const std::uint64_t page = user_pages[any(user_pages.size())];
        const std::uint64_t action = any(16);
        if (action == 0) {
            unload();
        } else if (!spaces_.contains(asid)) {
            create(asid);
        } else if (action == 1) {
            end(asid);
        } else if (action < 4) {
            unmap_page(asid, page);
        } else if (action < 7) {
            unmap_table(asid, page, static_cast<unsigned>(any(top_level)));
        } else if (action < 12) {
            map_page(asid, page);
        } else {
            load(asid);
        }
    }

    void unload() {
        loaded_ = 0;
        frame::x86_64::load_empty_root<Cpu>(roots_, PhysicalAddress{kernel_root_},
                                            PhysicalAddress{roots_.is_isolated() ? gate_root_ : kernel_root_});
    }

    void end(std::uint64_t asid) {
        if (loaded_ == asid) {
            unload();
        }
        const std::uint64_t root = spaces_[asid];
        spaces_.erase(asid);
        use_everything();
        frame::x86_64::forget_asid<Cpu>(roots_, asid_of(asid));
        processor.memory.entries(root).erase(processor_model::index(kernel_half, top_level));
        release(root, top_level);
    }

    static std::optional<std::uint64_t> find_table(std::uint64_t root, std::uint64_t address, unsigned level) {
        std::uint64_t table = root;
        for (unsigned at = top_level; at > level; --at) {
            const auto entry = processor.memory.find(table, address, at);
            if (!entry) {
                return {};
            }
            table = entry->target;
        }
        return table;
    }

    void map(std::uint64_t root, std::uint64_t address, Entry page) {
        std::uint64_t table = root;
        for (unsigned level = top_level; level > 0; --level) {
            const auto entry = processor.memory.find(table, address, level);
            const std::uint64_t next = entry ? entry->target : new_table();
            processor.memory.entries(table)[processor_model::index(address, level)] = {next, false};
            table = next;
        }
        processor.memory.entries(table)[processor_model::index(address, 0)] = page;
    }

    void unmap_page(std::uint64_t asid, std::uint64_t page) {
        const auto table = find_table(spaces_[asid], page, 0);
        if (table && processor.memory.entries(*table).erase(processor_model::index(page, 0)) != 0) {
            use_everything();
            frame::x86_64::forget_page<Cpu>(roots_, UserAddress{page}, asid_of(asid));
        }
    }

    /// A table with all below it. One that is empty, or has a single page, owes one address (paging.cpp: debt_of_table).
    void unmap_table(std::uint64_t asid, std::uint64_t address, unsigned level) {
        const auto table = find_table(spaces_[asid], address, level);
        if (!table) {
            return;
        }
        const auto parent = find_table(spaces_[asid], address, level + 1);
        processor.memory.entries(*parent).erase(processor_model::index(address, level + 1));
        use_everything();
        const auto& entries = processor.memory.entries(*table);
        const std::uint64_t start = processor_model::part(address, level + 1) << (21 + 9 * level);
        if (entries.empty()) {
            frame::x86_64::forget_page<Cpu>(roots_, UserAddress{start}, asid_of(asid));
        } else if (entries.size() == 1 && level == 0) {
            const std::uint64_t page = start + (entries.begin()->first << 12);
            frame::x86_64::forget_page<Cpu>(roots_, UserAddress{page}, asid_of(asid));
        } else {
            frame::x86_64::forget_asid<Cpu>(roots_, asid_of(asid));
        }
        release(*table, level);
    }

    static void release(std::uint64_t table, unsigned level) {
        if (level > 0) {
            for (const auto& [index, entry] : processor.memory.entries(table)) {
                release(entry.target, level - 1);
            }
        }
        processor.memory.release(table);
    }

    void look_around(bool is_user) {
        using Possible = std::set<std::optional<std::uint64_t>>;
        const bool shows_kernel = !is_user || !roots_.is_isolated();
        CHECK(processor.possible(kernel_half) == Possible{shows_kernel ? kernel_view : gate_view});
        if (is_user) {
            for (const std::uint64_t page : user_pages) {
                const std::optional<std::uint64_t> right =
                    loaded_ == 0 ? std::nullopt : processor.memory.walk(spaces_[loaded_], page);
                CHECK(processor.possible(page) == Possible{right});
            }
        }
        use_everything();
    }

    std::mt19937 random_;
    std::uint64_t kernel_root_ = 0;
    std::uint64_t gate_root_ = 0;
    Roots roots_{};
    std::map<std::uint64_t, std::uint64_t> spaces_;
    std::uint64_t loaded_ = 0;
};

constexpr int steps = 5000;

TEST("address spaces, neither isolated nor with PCIDs: nothing remembered outlives its reason") {
    Kernel{false, false, 1}.live(steps);
}

TEST("address spaces, isolated, without PCIDs: nothing remembered outlives its reason") {
    Kernel{true, false, 2}.live(steps);
}

TEST("address spaces with PCIDs, not isolated: nothing remembered outlives its reason") {
    Kernel{false, true, 3}.live(steps);
}

TEST("address spaces with PCIDs, isolated: nothing remembered outlives its reason, nothing of the kernel's shows") {
    Kernel{true, true, 4}.live(steps);
}

TEST("with PCIDs the translations of an address space survive while others run") {
    for (const bool is_isolated : {false, true}) {
        Kernel kernel{is_isolated, true, 5};
        for (const std::uint64_t asid : {7U, 8U}) {
            kernel.create(asid);
            kernel.map_page(asid, user_pages[0]);
        }
        kernel.load(7);
        kernel.leave();
        Kernel::use_everything();
        kernel.enter();
        Kernel::use_everything();
        kernel.load(8);
        kernel.leave();
        kernel.enter();
        CHECK(processor.remembered[7].pages.contains(user_pages[0]));
        CHECK(processor.remembered[7].tables[1].contains(0));
        CHECK_EQUAL(is_isolated ? processor.remembered[0].pages.at(kernel_half) : processor.global.at(kernel_half),
                    kernel_view);
    }
}

TEST("without isolation the kernel's own translations survive each switch, with PCIDs or without") {
    for (const bool has_pcids : {false, true}) {
        Kernel kernel{false, has_pcids, 6};
        Kernel::use_everything();
        kernel.live(1000);
        CHECK_EQUAL(processor.global.at(kernel_half), kernel_view);
        CHECK_EQUAL(processor.global.size(), 1U);
    }
}

}  // namespace
