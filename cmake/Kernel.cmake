# SPDX-License-Identifier: GPL-2.0-only
#
# Kernel object libraries and the linked image.

# Parsing the library's headers is half of a file's compile time; do it once. Sources include what they use all the same:
# the host build compiles them without this. No prologue, because the gate allows no pragma.
set(CMAKE_PCH_PROLOGUE "")
set(ANTIMONO_PRECOMPILED_HEADERS
    algorithm array bit concepts cstddef cstdint expected limits optional span string_view type_traits utility)
list(TRANSFORM ANTIMONO_PRECOMPILED_HEADERS REPLACE "(.+)" "$<$<COMPILE_LANGUAGE:CXX>:<\\1$<ANGLE-R>>")

# antimono_kernel_library(NAME [GATED] SOURCES...)
# An object library of kernel-image code. GATED: compiled under the safety gate (everything in kernel/).
function(antimono_kernel_library name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "GATED" "" "")
    add_library(${name} OBJECT ${arg_UNPARSED_ARGUMENTS})
    target_include_directories(${name} PRIVATE "${CMAKE_SOURCE_DIR}" "${CMAKE_SOURCE_DIR}/frame/include")
    target_link_libraries(${name} PRIVATE antimono_abi antimono_kernel_flags antimono_kernel_warnings)
    if(arg_GATED)
        antimono_apply_gate(${name})
    endif()
    target_precompile_headers(${name} PRIVATE ${ANTIMONO_PRECOMPILED_HEADERS})
    target_compile_options(${name} PRIVATE "$<$<COMPILE_LANGUAGE:CXX>:SHELL:-Xclang -fno-pch-timestamp>")
endfunction()

# Links kernel.elf from every antimono_kernel_library() that exists, by frame/x86_64/kernel.ld, with ThinLTO, and makes
# kernel.multiboot1.elf from it for loaders that know only multiboot 1.
function(antimono_kernel_image)
    foreach(library IN ITEMS antimono_frame_x86_64 antimono_freestanding antimono_kernel_core)
        if(TARGET ${library})
            list(APPEND objects "$<FILTER:$<TARGET_OBJECTS:${library}>,EXCLUDE,\\.pch$>")
        endif()
    endforeach()
    set(script "${CMAKE_SOURCE_DIR}/frame/x86_64/kernel.ld")
    if(NOT TARGET antimono_frame_x86_64 OR NOT EXISTS "${script}")
        return()
    endif()
    find_program(ANTIMONO_LD_LLD NAMES ld.lld-22 REQUIRED)
    set(image "${CMAKE_BINARY_DIR}/kernel.elf")
    set(multiboot1 "${CMAKE_BINARY_DIR}/kernel.multiboot1.elf")
    set(finish "${CMAKE_SOURCE_DIR}/frame/x86_64/finish_image.py")
    # The compiler driver would call gcc to link for this target, so the linker is called itself.
    add_custom_command(OUTPUT "${image}" "${multiboot1}"
        COMMAND "${ANTIMONO_LD_LLD}" -T "${script}" -static -nostdlib --gc-sections --build-id=none
            -z noexecstack -z max-page-size=4096 --lto-O2 --fatal-warnings
            -o "${image}" ${objects}
        COMMAND "${Python3_EXECUTABLE}" -B "${finish}" "${image}" --multiboot1 "${multiboot1}"
        DEPENDS "${script}" "${finish}" ${objects}
        COMMAND_EXPAND_LISTS VERBATIM
        COMMENT "Linking kernel.elf")
    add_custom_target(kernel ALL DEPENDS "${image}")
endfunction()
