# SPDX-License-Identifier: GPL-2.0-only
#
# How everything that becomes part of the kernel is compiled.
#   antimono_kernel_flags      language, code model, libc++ without an operating system (frame and kernel)
#   antimono_kernel_warnings   warnings as errors (frame and kernel)
#   antimono_gate              the safety gate's plugin (kernel only)

add_library(antimono_kernel_flags INTERFACE)
set(antimono_freestanding "${CMAKE_SOURCE_DIR}/frame/freestanding")
target_compile_options(antimono_kernel_flags INTERFACE
    --target=x86_64-unknown-none-elf
    -ffreestanding -mno-red-zone -mcmodel=kernel -fno-pic -mno-sse -mno-mmx -msoft-float
    -g -O2 -flto=thin -ffunction-sections -fdata-sections
    -ftrivial-auto-var-init=zero
    "$<$<COMPILE_LANGUAGE:CXX>:SHELL:-std=c++26 -fno-exceptions -fno-rtti -fno-threadsafe-statics -fno-use-cxa-atexit>"
    "$<$<COMPILE_LANGUAGE:CXX>:SHELL:-nostdlibinc -nostdinc++>"
    "$<$<COMPILE_LANGUAGE:CXX>:SHELL:-isystem${antimono_freestanding}/cfg>"
    "$<$<COMPILE_LANGUAGE:CXX>:SHELL:-isystem/usr/lib/llvm-22/include/c++/v1>"
    "$<$<COMPILE_LANGUAGE:CXX>:SHELL:-isystem${antimono_freestanding}/shim>")

add_library(antimono_kernel_warnings INTERFACE)
target_compile_options(antimono_kernel_warnings INTERFACE -Wall -Wextra -Werror)

add_library(antimono_gate INTERFACE)
