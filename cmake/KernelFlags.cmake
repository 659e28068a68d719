# SPDX-License-Identifier: GPL-2.0-only
#
# Every compiler flag that kernel, frame and host build share, in one place. C++26 and the header directories are spelt
# out, because CMake 3.25 does not know the standard for clang-22 and folds repeated `-isystem DIR` pairs (hence
# `-isystem/dir`).
#
#   ANTIMONO_KERNEL_COMPILE_FLAGS   C++ for the machine: kernel/ and frame/
#   ANTIMONO_KERNEL_ASM_FLAGS       assembly (.S) for the machine
#   ANTIMONO_KERNEL_WARNINGS        kernel/: everything, as errors
#   ANTIMONO_KERNEL_TRAPS           kernel/: undefined behaviour that the safe subset can still express traps
#   ANTIMONO_FRAME_WARNINGS         frame/: the same, less what forbids raw memory
#   ANTIMONO_HOST_COMPILE_FLAGS     C++ for the host backend and its tests
#   ANTIMONO_HOST_WARNINGS          kernel/ compiled for the host (frame/host: ANTIMONO_FRAME_WARNINGS)
#   ANTIMONO_HOST_SANITIZE_FLAGS    AddressSanitizer and UndefinedBehaviorSanitizer, for compiling and linking
#   ANTIMONO_HOST_LINK_FLAGS        libc++ linked into the program
#
# and the INTERFACE libraries that carry them:
#   antimono_kernel_flags      code model, language, libc++ without an operating system (frame and kernel)
#   antimono_kernel_warnings   warnings as errors (frame and kernel)
#   antimono_gate              the rest of what the safe subset needs: the plugin, its warnings, traps (kernel only)

include_guard(GLOBAL)

get_filename_component(_antimono_root "${CMAKE_CURRENT_LIST_DIR}/.." REALPATH)
set(ANTIMONO_LLVM_ROOT "/usr/lib/llvm-22" CACHE PATH "LLVM 22: compiler, tools and libc++ headers")
set(ANTIMONO_LIBCXX_HEADERS "${ANTIMONO_LLVM_ROOT}/include/c++/v1")
set(ANTIMONO_FREESTANDING "${_antimono_root}/frame/freestanding")

# The frame that a single function may use. The kernel has one stack per core and no recursion. [bytes]
set(ANTIMONO_MAX_STACK_FRAME 1024)

# What `antimono bench --hardening` leaves out to learn what it costs: library (libc++'s checks and the traps for undefined
# behaviour), zeroing (of automatic variables), checks (of the frame). Kernels to be measured, never to be used.
set(ANTIMONO_MEASURED_WITHOUT "" CACHE STRING "only for antimono bench --hardening")
if(ANTIMONO_MEASURED_WITHOUT AND NOT CMAKE_BINARY_DIR MATCHES "/bench-without-[a-z]+$")
    message(FATAL_ERROR "ANTIMONO_MEASURED_WITHOUT makes a kernel without its protection (${ANTIMONO_MEASURED_WITHOUT}). "
        "Only `antimono bench --hardening` builds one, in a directory of its own.")
endif()
set(_antimono_zeroing -ftrivial-auto-var-init=zero)
set(_antimono_measured "")
if("zeroing" IN_LIST ANTIMONO_MEASURED_WITHOUT)
    set(_antimono_zeroing -ftrivial-auto-var-init=uninitialized)
endif()
if("library" IN_LIST ANTIMONO_MEASURED_WITHOUT)
    # The gate refuses files without them, and brings the traps.
    set(ANTIMONO_GATE OFF CACHE BOOL "" FORCE)
    list(APPEND _antimono_measured -D_LIBCPP_HARDENING_MODE=_LIBCPP_HARDENING_MODE_NONE)
endif()
if("checks" IN_LIST ANTIMONO_MEASURED_WITHOUT)
    list(APPEND _antimono_measured -DFRAME_MEASURED_WITHOUT_CHECKS)
endif()

set(_antimono_machine
    --target=x86_64-unknown-none-elf
    -mno-red-zone # an interrupt in the kernel would overwrite it
    -mstack-alignment=8 # without vector registers nothing needs 16
    -mcmodel=kernel -fno-pic
    # The vector registers hold the user's state. Not -mgeneral-regs-only: libc++'s <limits> names floating types.
    -mno-mmx -mno-sse -mno-sse2 -msoft-float)

set(_antimono_language
    -std=c++26
    -fno-exceptions -fno-rtti
    -fno-threadsafe-statics -fno-use-cxa-atexit
    ${_antimono_zeroing}
    -fno-omit-frame-pointer # the panic's backtrace walks them
    -fvisibility=hidden)

set(ANTIMONO_KERNEL_COMPILE_FLAGS
    ${_antimono_machine} ${_antimono_language} ${_antimono_measured}
    -ffreestanding
    -fno-asynchronous-unwind-tables
    -ffunction-sections -fdata-sections
    # What a failed check prints: the same wherever the tree lies.
    -fmacro-prefix-map=${_antimono_root}/= -fmacro-prefix-map=${ANTIMONO_LIBCXX_HEADERS}/=
    -nostdlibinc -nostdinc++
    # Order matters: our configuration shadows libc++'s, and libc++'s <string.h> wraps ours.
    -isystem${ANTIMONO_FREESTANDING}/config
    -isystem${ANTIMONO_LIBCXX_HEADERS}
    -isystem${ANTIMONO_FREESTANDING}/libc)

set(ANTIMONO_KERNEL_ASM_FLAGS ${_antimono_machine})

set(ANTIMONO_FRAME_WARNINGS
    -Werror
    -Wall -Wextra
    -Wconversion -Wsign-conversion -Wshadow -Wold-style-cast -Wcast-qual
    -Wswitch-enum -Wcovered-switch-default -Wimplicit-fallthrough
    -Wunused-result -Wundef -Wvla -Walloca -Wnull-dereference
    -Wdangling -Wreturn-stack-address -Wconditional-uninitialized
    -Wglobal-constructors -Wexit-time-destructors
    -Wthread-safety -Wfunction-effects
    -Wframe-larger-than=${ANTIMONO_MAX_STACK_FRAME}
    # Lifetime analysis of clang 22: finds references that outlive a local. Extra help, not a proof.
    "SHELL:-Xclang -fexperimental-lifetime-safety" -Wexperimental-lifetime-safety)

set(ANTIMONO_KERNEL_WARNINGS
    ${ANTIMONO_FRAME_WARNINGS}
    -Wunsafe-buffer-usage -Wunsafe-buffer-usage-in-container -Wunsafe-buffer-usage-in-libc-call)

# No run-time library: a failed check is an undefined instruction, which the exception handler reports as a kernel bug.
set(ANTIMONO_KERNEL_TRAPS
    -fsanitize=signed-integer-overflow,shift,integer-divide-by-zero,return,unreachable,array-bounds,builtin
    -fsanitize-trap=all)

set(ANTIMONO_HOST_COMPILE_FLAGS
    ${_antimono_language}
    -stdlib=libc++
    -D_LIBCPP_HARDENING_MODE=_LIBCPP_HARDENING_MODE_EXTENSIVE)
set(ANTIMONO_HOST_WARNINGS ${ANTIMONO_KERNEL_WARNINGS})
# The sanitizer's own instrumentation enlarges frames.
list(REMOVE_ITEM ANTIMONO_HOST_WARNINGS -Wframe-larger-than=${ANTIMONO_MAX_STACK_FRAME})
set(ANTIMONO_HOST_SANITIZE_FLAGS -fsanitize=address,undefined -fno-sanitize-recover=all)
set(ANTIMONO_HOST_LINK_FLAGS -stdlib=libc++ -static-libstdc++ -fuse-ld=lld)

add_library(antimono_kernel_flags INTERFACE)
target_compile_definitions(antimono_kernel_flags INTERFACE $<$<BOOL:${ANTIMONO_STATS}>:ANTIMONO_STATS>)
target_compile_options(antimono_kernel_flags INTERFACE
    -g
    "$<$<COMPILE_LANGUAGE:CXX>:${ANTIMONO_KERNEL_COMPILE_FLAGS};-flto=thin>"
    "$<$<COMPILE_LANGUAGE:ASM>:${ANTIMONO_KERNEL_ASM_FLAGS}>")

add_library(antimono_kernel_warnings INTERFACE)
target_compile_options(antimono_kernel_warnings INTERFACE "$<$<COMPILE_LANGUAGE:CXX>:${ANTIMONO_FRAME_WARNINGS}>")

# tools/gate/CMakeLists.txt adds the plugin.
add_library(antimono_gate INTERFACE)
