# SPDX-License-Identifier: GPL-2.0-only
#
# The kernel inside a Linux process: libraries of the host backend, and the programs that test it. What a build is for
# decides how it is compiled; the presets have the combinations that make sense:
#   host        ANTIMONO_SANITIZE                   unit tests, traces, fuzz corpora, the exhaustive check
#   fuzz        ANTIMONO_FUZZ                       the same sources for speed, with libFuzzer
#   fuzz-asan   ANTIMONO_FUZZ, ANTIMONO_SANITIZE    libFuzzer under the sanitizers
#   coverage    ANTIMONO_COVERAGE                   the programs of `host`, counting what they reach
#   mutation    ANTIMONO_MUTATION                   the programs of `host`, made quickly again and again
option(ANTIMONO_SANITIZE "host: AddressSanitizer and UndefinedBehaviorSanitizer" ON)
option(ANTIMONO_FUZZ "host: optimise, and instrument for libFuzzer; builds no unit tests" OFF)
option(ANTIMONO_COVERAGE "host: count what is reached, for llvm-cov" OFF)
option(ANTIMONO_MUTATION "host: no warnings, which mutants would cause" OFF)

# Locations in reports are all that anybody needs of debug information here, and it is quicker to make.
set(ANTIMONO_HOST_OPTIONS -gline-tables-only -DFRAME_HOST -DFRAME_CHECKED ${ANTIMONO_HOST_COMPILE_FLAGS})
set(ANTIMONO_HOST_LINK_OPTIONS ${ANTIMONO_HOST_LINK_FLAGS})
# What is measured, fuzzed or searched for undefined behaviour is the kernel and the frame.
set(ANTIMONO_HOST_WATCHED "")
# Tests are compiled more often than they run.
set(ANTIMONO_HOST_TEST_OPTIONS "")
if(ANTIMONO_SANITIZE)
    list(APPEND ANTIMONO_HOST_OPTIONS -fsanitize=address -fno-sanitize-recover=all)
    list(APPEND ANTIMONO_HOST_LINK_OPTIONS ${ANTIMONO_HOST_SANITIZE_FLAGS})
    list(APPEND ANTIMONO_HOST_WATCHED -fsanitize=undefined)
endif()
if(ANTIMONO_FUZZ)
    list(APPEND ANTIMONO_HOST_OPTIONS -O2)
    list(APPEND ANTIMONO_HOST_WATCHED -fsanitize-coverage=inline-8bit-counters,pc-table)
elseif(ANTIMONO_SANITIZE)
    list(APPEND ANTIMONO_HOST_WATCHED -O1)
    list(APPEND ANTIMONO_HOST_TEST_OPTIONS -O0)
else()
    list(APPEND ANTIMONO_HOST_OPTIONS -O1)
endif()
if(ANTIMONO_COVERAGE)
    # The tests as well: the linker keeps one copy of an inline function of a header, which may be theirs.
    list(APPEND ANTIMONO_HOST_OPTIONS -fprofile-instr-generate -fprofile-continuous -fcoverage-mapping)
    list(APPEND ANTIMONO_HOST_LINK_OPTIONS -fprofile-instr-generate -fprofile-continuous)
endif()

if(ANTIMONO_MUTATION)
    set(ANTIMONO_HOST_LAST_OPTIONS -w -g0)
endif()

# antimono_host_options(NAME OPTIONS...)
# How everything for the host is compiled and linked, and the warnings or other options of this target.
function(antimono_host_options name)
    target_include_directories(${name} PRIVATE "${CMAKE_SOURCE_DIR}" "${CMAKE_SOURCE_DIR}/frame/include")
    target_link_libraries(${name} PRIVATE antimono_abi)
    target_compile_options(${name} PRIVATE ${ANTIMONO_HOST_OPTIONS} ${ARGN} ${ANTIMONO_HOST_LAST_OPTIONS})
    target_link_options(${name} PRIVATE ${ANTIMONO_HOST_LINK_OPTIONS})
endfunction()

# antimono_host_library(NAME KERNEL|FRAME|MODEL|TEST SOURCES...)
# Objects of the kernel, with its warnings, of the frame, with the frame's, of the model of the machine, or of what tests
# them.
function(antimono_host_library name kind)
    add_library(${name} OBJECT ${ARGN})
    set(warnings ${ANTIMONO_FRAME_WARNINGS})
    if(kind STREQUAL "KERNEL")
        set(warnings ${ANTIMONO_HOST_WARNINGS})
    endif()
    # Parsing these is most of compiling a small file. Not the frame's: clang 22 forgets of precompiled variables with a
    # section (frame/phase.hpp) that the section is writable.
    target_precompile_headers(${name} PRIVATE
        <algorithm> <array> <bit> <cstdint> <expected> <optional> <span> <string_view> <utility> <variant> <abi/abi.hpp>)
    # The sanitizers' own variables enlarge stack frames.
    list(REMOVE_ITEM warnings -Wframe-larger-than=${ANTIMONO_MAX_STACK_FRAME})
    if(kind STREQUAL "MODEL")
        antimono_host_options(${name} ${warnings} -O2)
    elseif(kind STREQUAL "TEST")
        # Tests register themselves before main; that is what the warnings are about.
        antimono_host_options(${name} ${warnings} ${ANTIMONO_HOST_TEST_OPTIONS}
            -Wno-switch-enum -Wno-global-constructors -Wno-exit-time-destructors)
    else()
        antimono_host_options(${name} ${warnings} ${ANTIMONO_HOST_WATCHED})
    endif()
endfunction()

# antimono_host_program(NAME DIRECTORY SOURCES...)
# A program over the kernel, the host frame and the modelled machine, in DIRECTORY of the build.
function(antimono_host_program name directory)
    add_executable(${name} ${ARGN})
    set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/${directory}")
    antimono_host_options(${name} -Wall -Wextra -Werror ${ANTIMONO_HOST_TEST_OPTIONS})
    target_link_libraries(${name} PRIVATE 
        antimono_kernel_host antimono_frame_host antimono_frame_model antimono_machine)
endfunction()
