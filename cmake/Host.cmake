# SPDX-License-Identifier: GPL-2.0-only
#
# The kernel inside a Linux process: libraries of the host backend, and unit tests.

set(ANTIMONO_FUZZ OFF CACHE BOOL "host: optimise, and instrument for libFuzzer; builds fuzz targets instead of unit tests")
if(ANTIMONO_FUZZ)
    set(ANTIMONO_HOST_OPTIMISE -O2 -fsanitize=fuzzer-no-link)
    set(ANTIMONO_HOST_UNWATCHED -fno-sanitize=fuzzer-no-link,undefined)
else()
    set(ANTIMONO_HOST_OPTIMISE -O1)
endif()

# antimono_host_library(NAME [FRAME] SOURCES...)
# A static library compiled for the host under AddressSanitizer and UBSan. FRAME: with the frame's warnings.
function(antimono_host_library name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "FRAME" "" "")
    add_library(${name} STATIC ${arg_UNPARSED_ARGUMENTS})
    target_include_directories(${name} PUBLIC "${CMAKE_SOURCE_DIR}" "${CMAKE_SOURCE_DIR}/frame/include")
    target_link_libraries(${name} PUBLIC antimono_abi)
    target_compile_options(${name}
        PUBLIC -g ${ANTIMONO_HOST_OPTIMISE} -DFRAME_HOST -DFRAME_CHECKED ${ANTIMONO_HOST_COMPILE_FLAGS} ${ANTIMONO_HOST_SANITIZE_FLAGS})
    if(arg_FRAME)
        set(warnings ${ANTIMONO_FRAME_WARNINGS})
        # The sanitizers' own variables enlarge stack frames.
        list(REMOVE_ITEM warnings -Wframe-larger-than=${ANTIMONO_MAX_STACK_FRAME})
        target_compile_options(${name} PRIVATE ${warnings})
    else()
        target_compile_options(${name} PRIVATE ${ANTIMONO_HOST_WARNINGS})
        antimono_apply_gate(${name})
    endif()
    target_link_options(${name} PUBLIC ${ANTIMONO_HOST_SANITIZE_FLAGS} ${ANTIMONO_HOST_LINK_FLAGS})
endfunction()

# antimono_unit_test(NAME SOURCES...)
# A program of tests (tests/support/test.hpp) over the kernel and the host frame; `antimono test` runs it.
function(antimono_unit_test name)
    add_executable(${name} ${ARGN})
    set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/unit")
    antimono_link_host_kernel(${name} antimono_test_support antimono_machine)
endfunction()

# antimono_link_host_kernel(NAME LIBRARIES...)
# Links a program with the kernel, the host frame and libraries that use them.
function(antimono_link_host_kernel name)
    target_link_libraries(${name} PRIVATE ${ARGN})
    target_compile_options(${name} PRIVATE -Wall -Wextra -Werror)
    foreach(library IN ITEMS antimono_kernel_host antimono_frame_host)
        if(TARGET ${library})
            # The two refer to each other, so the linker goes through both until nothing is missing.
            list(APPEND libraries ${library})
        endif()
    endforeach()
    list(PREPEND libraries ${ARGN})
    if(libraries)
        string(JOIN "," libraries ${libraries})
        target_link_libraries(${name} PRIVATE "$<LINK_GROUP:RESCAN,${libraries}>")
    endif()
endfunction()
