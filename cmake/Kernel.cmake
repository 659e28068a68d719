# SPDX-License-Identifier: GPL-2.0-only
#
# Kernel object libraries and the linked image.

# Parsing the library's headers is half of a file's compile time; do it once. Sources include what they use all the same:
# the host build compiles them without this. No prologue, because the gate allows no pragma.
set(CMAKE_PCH_PROLOGUE "")
set(ANTIMONO_PRECOMPILED_HEADERS
    algorithm array bit concepts cstddef cstdint expected limits optional span string_view type_traits utility abi/abi.hpp
    frame/core.hpp frame/slot.hpp frame/links.hpp frame/paging.hpp frame/asid.hpp)
list(TRANSFORM ANTIMONO_PRECOMPILED_HEADERS REPLACE "(.+)" "$<$<COMPILE_LANGUAGE:CXX>:<\\1$<ANGLE-R>>")

# antimono_kernel_library(NAME [GATED] SOURCES... [RARE SOURCES...])
# Object libraries of kernel-image code: NAME, and NAME_rare of what runs once or never and is made small rather than fast.
# GATED: compiled under the safety gate (everything in kernel/).
function(antimono_kernel_library name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "GATED" "" "RARE")
    if(arg_RARE)
        list(REMOVE_ITEM arg_UNPARSED_ARGUMENTS ${arg_RARE})
    endif()
    add_library(${name} OBJECT ${arg_UNPARSED_ARGUMENTS})
    target_compile_options(${name} PRIVATE -O2)
    set(libraries ${name})
    if(arg_RARE)
        add_library(${name}_rare OBJECT ${arg_RARE})
        target_compile_options(${name}_rare PRIVATE -Oz)
        list(APPEND libraries ${name}_rare)
    endif()
    foreach(library IN LISTS libraries)
        target_include_directories(${library} PRIVATE "${CMAKE_SOURCE_DIR}" "${CMAKE_SOURCE_DIR}/frame/include")
        target_link_libraries(${library} PRIVATE antimono_abi antimono_kernel_flags antimono_kernel_warnings)
        if(arg_GATED)
            antimono_apply_gate(${library})
        endif()
        target_precompile_headers(${library} PRIVATE ${ANTIMONO_PRECOMPILED_HEADERS})
        target_compile_options(${library} PRIVATE "$<$<COMPILE_LANGUAGE:CXX>:SHELL:-Xclang -fno-pch-timestamp>")
    endforeach()
endfunction()

# Links kernel.elf from every antimono_kernel_library() that exists, by frame/x86_64/kernel.ld, with ThinLTO, and makes
# kernel.multiboot1.elf from it for loaders that know only multiboot 1.
function(antimono_kernel_image)
    foreach(library IN ITEMS antimono_frame_x86_64 antimono_frame_x86_64_rare antimono_freestanding
            antimono_kernel_core antimono_kernel_core_rare)
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
