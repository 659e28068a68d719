// SPDX-License-Identifier: GPL-2.0-only
//
// The boot code's memory: each byte goes to one owner, and only where it may.
#include "tests/unit/boot_machine.hpp"

namespace test::boot {
namespace {

TEST("memory is handed out at most once") {
    Machine machine{32 * mebibyte};
    describe_small(machine, ElfFile{}.build());
    const auto memory = [&] { return frame::detail::BootMemoryFactory::make(machine.boot, machine.description); };
    CHECK_DIES("memory that is not free", [&] { (void)memory().make_thread(PhysicalAddress{mebibyte}); });
    CHECK_DIES("memory that is not free", [&] { (void)memory().claim_pages(PhysicalAddress{4 * mebibyte}, 1); });
    CHECK_DIES("memory that is not free", [&] { (void)memory().claim_pages(PhysicalAddress{0}, 1); });
    CHECK_DIES("memory that is not free",
               [&] { (void)memory().claim_pages(PhysicalAddress{32 * mebibyte - page}, 2); });
    CHECK_DIES("memory that is not free", [&] {
        frame::BootMemory token = memory();
        (void)token.make_page_table(PhysicalAddress{8 * mebibyte});
        (void)token.make_page_table(PhysicalAddress{8 * mebibyte});
    });
    CHECK_DIES("not aligned", [&] { (void)memory().make_cnode(PhysicalAddress{8 * mebibyte + page}, 13); });
    CHECK_DIES("modules are in use", [&] { (void)memory().make_untyped(PhysicalAddress{8 * mebibyte}, 20); });
    CHECK_DIES("given out before", [&] {
        frame::BootMemory token = memory();
        [[maybe_unused]] const frame::BootModules once = token.modules();
        [[maybe_unused]] const frame::BootModules twice = token.modules();
    });
    const auto reclaimed = [&] {
        frame::BootMemory token = memory();
        token.reclaim(token.modules());
        return token;
    };
    CHECK_DIES("out of order", [&] {
        frame::BootMemory token = reclaimed();
        (void)token.make_untyped(PhysicalAddress{8 * mebibyte}, 20);
        (void)token.make_untyped(PhysicalAddress{8 * mebibyte}, 12);
    });
    CHECK_DIES("after the untyped", [&] {
        frame::BootMemory token = reclaimed();
        (void)token.make_untyped(PhysicalAddress{8 * mebibyte}, 20);
        (void)token.make_thread(PhysicalAddress{8 * mebibyte});
    });
    CHECK_DIES("impossible size or alignment",
               [&] { (void)reclaimed().make_untyped(PhysicalAddress{8 * mebibyte + page}, 20); });
    CHECK_DIES("not free", [&] { (void)reclaimed().make_untyped(PhysicalAddress{mebibyte}, 20); });
    CHECK_DIES("device of the kernel", [&] { (void)reclaimed().make_device_untyped(PhysicalAddress{0xfee00000}, 12); });
    CHECK_DIES("to RAM", [&] { (void)reclaimed().make_device_untyped(PhysicalAddress{8 * mebibyte}, 12); });
    CHECK_DIES("beyond physical memory",
               [&] { (void)reclaimed().make_device_untyped(PhysicalAddress{std::uint64_t{1} << 47}, 12); });
    CHECK_DIES("more frames taken", [&] {
        frame::BootMemory token = memory();
        frame::BootPages pages = token.claim_pages(PhysicalAddress{8 * mebibyte}, 1);
        (void)pages.take();
        (void)pages.take();
    });
    CHECK_DIES("beyond the boot pages", [&] {
        frame::BootMemory token = memory();
        frame::BootPages pages = token.claim_pages(PhysicalAddress{8 * mebibyte}, 1);
        pages.store(page - 1, std::uint16_t{1});
    });
    CHECK_DIES("beyond the boot pages", [&] {
        frame::BootMemory token = memory();
        frame::BootPages pages = token.claim_pages(PhysicalAddress{8 * mebibyte}, 1);
        pages.write(~std::uint64_t{0}, std::vector<std::byte>(2));
    });
}

}  // namespace
}  // namespace test::boot
