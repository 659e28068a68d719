// SPDX-License-Identifier: GPL-2.0-only
//
// frame/x86_64/roots.hpp on a model of a processor (Intel SDM vol. 3A, 4.10) that forgets only what it is told to: in each
// of the four ways that processors differ, a random life of address spaces never meets a translation that the tables do
// not have any more, and user mode never has one of the kernel's.
#include "frame/x86_64/roots.hpp"

#include "tests/support/test.hpp"

namespace {

using frame::Asid;
using frame::PhysicalAddress;
using frame::UserAddress;
using frame::x86_64::Roots;

constexpr std::uint64_t keep = std::uint64_t{1} << 63;
constexpr std::uint64_t pcid_bits = 0xfff;
/// Stands for the kernel's half: what a root shows there, kernel_view or gate_view.
constexpr std::uint64_t kernel_half = 0xffff'8000'0000'0000;
constexpr std::uint64_t kernel_view = 1;
constexpr std::uint64_t gate_view = 2;

constexpr std::uint64_t kernel_root = 0x10'0000;
constexpr std::uint64_t gate_root = 0x20'0000;
constexpr std::array<std::uint64_t, 4> user_pages{0x1000, 0x2000, 0x40'0000, 0x7f'ffff'f000};

/// What a table shows at an address.
using Table = std::map<std::uint64_t, std::uint64_t>;

struct Processor {
    bool has_pcids = false;
    std::uint64_t cr3 = kernel_root;
    std::map<std::uint64_t, Table> tables;
    /// What is remembered, by PCID.
    std::map<std::uint64_t, Table> remembered;
    std::uint64_t loads = 0;

    [[nodiscard]] std::uint64_t context() const { return has_pcids ? cr3 & pcid_bits : 0; }

    void load(std::uint64_t word) {
        ++loads;
        CHECK(has_pcids || (word & (keep | pcid_bits)) == 0);  // reserved: a general-protection fault, or other caching
        cr3 = word & ~keep;
        CHECK(tables.contains(cr3 & ~pcid_bits));
        if ((word & keep) == 0) {
            remembered[context()].clear();
        }
    }
    /// Every address that the loaded root shows is used once.
    void use_everything() {
        for (const auto& [address, shown] : tables[cr3 & ~pcid_bits]) {
            remembered[context()].try_emplace(address, shown);
        }
    }
    [[nodiscard]] std::optional<std::uint64_t> access(std::uint64_t address) {
        const Table& seen = remembered[context()];
        if (const auto found = seen.find(address); found != seen.end()) {
            return found->second;
        }
        const Table& table = tables[cr3 & ~pcid_bits];
        const auto found = table.find(address);
        return found == table.end() ? std::nullopt : std::optional{found->second};
    }
};

Processor processor;

struct Cpu {
    static std::uint64_t read_cr3() { return processor.cr3; }
    static void write_cr3(std::uint64_t word) { processor.load(word); }
    static void invlpg(std::uint64_t address) { processor.remembered[processor.context()].erase(address); }
    static void invpcid_address(std::uint64_t pcid, std::uint64_t address) {
        CHECK(processor.has_pcids);
        processor.remembered[pcid].erase(address);
    }
    static void invpcid_context(std::uint64_t pcid) {
        CHECK(processor.has_pcids);
        processor.remembered[pcid].clear();
    }
};

Roots make_roots(bool is_isolated, bool has_pcids) {
    Roots roots{};
    if (is_isolated) {
        roots.isolate(kernel_root, gate_root);
    }
    if (has_pcids) {
        roots.tag();
    }
    return roots;
}

void load_root(Roots& roots, std::uint64_t pml4, Asid asid) {
    frame::x86_64::load_user_root<Cpu>(roots, frame::x86_64::user_root_word(roots, PhysicalAddress{pml4}, asid));
}

/// A kernel that does nothing but change address spaces, as frame/core/asid.cpp and paging.cpp do: forgets first what it
/// takes away, unloads a root before its ASID ends.
class Kernel {
public:
    Kernel(bool is_isolated, bool has_pcids, std::uint32_t seed) : random_{seed} {
        processor = Processor{};
        processor.has_pcids = has_pcids;
        processor.tables[kernel_root][kernel_half] = kernel_view;
        processor.tables[gate_root][kernel_half] = gate_view;
        roots_ = make_roots(is_isolated, has_pcids);
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

private:
    [[nodiscard]] std::uint64_t any(std::uint64_t count) { return random_() % count; }
    [[nodiscard]] PhysicalAddress user_empty_root() const {
        return PhysicalAddress{roots_.is_isolated() ? gate_root : kernel_root};
    }
    [[nodiscard]] static Asid asid_of(std::uint64_t number) { return Asid{static_cast<std::uint16_t>(number)}; }

    void act() {
        // Three ASIDs, the last one possible among them; a new life of an ASID has another root.
        constexpr std::array<std::uint64_t, 3> asids{1, 2, 4095};
        const std::uint64_t asid = asids[any(asids.size())];
        switch (any(7)) {
        case 0:
            if (!spaces_.contains(asid)) {
                const std::uint64_t root = next_root_;
                next_root_ += 0x1000;
                spaces_[asid] = root;
                processor.tables[root][kernel_half] = roots_.is_isolated() ? gate_view : kernel_view;
            }
            return;
        case 1:
            if (spaces_.contains(asid)) {
                end(asid);
            }
            return;
        case 2:
            unload();
            return;
        case 3:
            if (spaces_.contains(asid)) {
                const std::uint64_t page = user_pages[any(user_pages.size())];
                if (processor.tables[spaces_[asid]].erase(page) != 0) {
                    frame::x86_64::forget_page<Cpu>(roots_, UserAddress{page}, asid_of(asid));
                }
                processor.tables[spaces_[asid]][page] = 0x1000 + any(1000);
            }
            return;
        case 4:
            if (spaces_.contains(asid)) {  // much at once, a paging structure for instance
                std::erase_if(processor.tables[spaces_[asid]],
                              [](const auto& item) { return item.first != kernel_half; });
                frame::x86_64::forget_asid<Cpu>(roots_, asid_of(asid));
            }
            return;
        default:
            if (spaces_.contains(asid)) {
                loaded_ = asid;
                load_root(roots_, spaces_[asid], asid_of(asid));
            }
            return;
        }
    }

    void unload() {
        loaded_ = 0;
        frame::x86_64::load_empty_root<Cpu>(roots_, PhysicalAddress{kernel_root}, user_empty_root());
    }

    void end(std::uint64_t asid) {
        if (loaded_ == asid) {
            unload();
        }
        processor.tables.erase(spaces_[asid]);
        spaces_.erase(asid);
        frame::x86_64::forget_asid<Cpu>(roots_, asid_of(asid));
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

    void look_around(bool is_user) {
        const bool shows_kernel = !is_user || !roots_.is_isolated();
        CHECK_EQUAL(processor.access(kernel_half).value_or(0), shows_kernel ? kernel_view : gate_view);
        if (is_user) {
            const Table none;
            const Table& table = loaded_ == 0 ? none : processor.tables[spaces_[loaded_]];
            for (const std::uint64_t page : user_pages) {
                const auto found = table.find(page);
                CHECK(processor.access(page) == (found == table.end() ? std::nullopt : std::optional{found->second}));
            }
        }
        processor.use_everything();
    }

    std::mt19937 random_;
    Roots roots_{};
    std::map<std::uint64_t, std::uint64_t> spaces_;
    std::uint64_t loaded_ = 0;
    std::uint64_t next_root_ = 0x100'0000;
};

constexpr int steps = 20'000;

TEST("address spaces, neither isolated nor with PCIDs: no translation outlives its reason") {
    Kernel{false, false, 1}.live(steps);
}

TEST("address spaces, isolated, without PCIDs: no translation outlives its reason") {
    Kernel{true, false, 2}.live(steps);
}

TEST("address spaces with PCIDs, not isolated: no translation outlives its reason") {
    Kernel{false, true, 3}.live(steps);
}

TEST("address spaces with PCIDs, isolated: no translation outlives its reason, none of the kernel's shows") {
    Kernel{true, true, 4}.live(steps);
}

TEST("with PCIDs the translations of an address space survive while others run") {
    processor = Processor{};
    processor.has_pcids = true;
    for (const std::uint64_t root : {kernel_root, gate_root, std::uint64_t{0x3000}, std::uint64_t{0x4000}}) {
        processor.tables[root][kernel_half] = root == kernel_root ? kernel_view : gate_view;
    }
    processor.tables[0x3000][user_pages[0]] = 0x1234;
    Roots roots = make_roots(true, true);
    load_root(roots, 0x3000, Asid{7});
    processor.load(roots.user_root);
    processor.use_everything();
    processor.load(roots.kernel_root);
    processor.use_everything();
    load_root(roots, 0x4000, Asid{8});
    processor.load(roots.user_root);
    processor.load(roots.kernel_root);
    CHECK_EQUAL(processor.remembered[7].at(user_pages[0]), 0x1234U);
    CHECK_EQUAL(processor.remembered[0].at(kernel_half), kernel_view);
}

}  // namespace
