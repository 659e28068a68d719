# SPDX-License-Identifier: BSD-2-Clause
#
# antimono_add_root_task(NAME SOURCES...)
#
# An executable target NAME that boots as the root task of this kernel, and of the seL4 kernel of the same
# configuration. Sources in C (C11 or later), C++ (C++17 or later) and assembly; gcc or clang. It gets
#   - the libsel4 headers (<sel4/sel4.h>) and the start-up runtime: main() is called with the boot information at hand,
#     thread-local storage and the IPC buffer in place; its return value ends the run
#   - flags for a program without an operating system, linked statically at a fixed address
# Use target_link_libraries, target_compile_options and so on for the rest.
#
# Serves the kernel's own tree and installed prefixes alike; both provide the target antimono::runtime.
include_guard(GLOBAL)

# What everything in a root task is compiled with; the runtime too.
set(ANTIMONO_ROOT_TASK_OPTIONS
    -ffreestanding
    -fno-pic -fno-pie # the kernel loads at the addresses that the ELF file names
    -fno-stack-protector # its canary is a C library's
    -fno-asynchronous-unwind-tables
    -ffunction-sections -fdata-sections
    "$<$<COMPILE_LANGUAGE:CXX>:-fno-exceptions>"
    "$<$<COMPILE_LANGUAGE:CXX>:-fno-rtti>"
    "$<$<COMPILE_LANGUAGE:CXX>:-fno-threadsafe-statics>"
    "$<$<COMPILE_LANGUAGE:CXX>:-fno-use-cxa-atexit>")

function(antimono_add_root_task name)
    if(NOT ARGN)
        message(FATAL_ERROR "antimono_add_root_task(${name}): no sources given")
    endif()
    add_executable(${name} ${ARGN})
    set_target_properties(${name} PROPERTIES POSITION_INDEPENDENT_CODE OFF)
    if(ANTIMONO_IMAGES)
        set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${ANTIMONO_IMAGES}")
    endif()
    target_compile_options(${name} PRIVATE ${ANTIMONO_ROOT_TASK_OPTIONS})
    target_link_libraries(${name} PRIVATE antimono::runtime)
    target_link_options(${name} PRIVATE
        -nostdlib -static
        LINKER:--gc-sections LINKER:--build-id=none LINKER:-z,noexecstack LINKER:-z,max-page-size=4096)
endfunction()
