# SPDX-License-Identifier: GPL-2.0-only
#
# Runs the ABI generator while configuring, so that the set of generated headers is known before anything compiles.
# A change of the description, the generator or the configuration reconfigures.
#   ANTIMONO_ABI_DIR   include/ (kernel view, <abi/...>), libsel4/include/, gen_config.json, gen_config.yaml
#   antimono_abi       INTERFACE library with the kernel view's include path

find_package(Python3 3.11 REQUIRED COMPONENTS Interpreter)
set(ANTIMONO_ABI_DIR "${CMAKE_BINARY_DIR}/abi-generated")
add_library(antimono_abi INTERFACE)
target_include_directories(antimono_abi INTERFACE "${ANTIMONO_ABI_DIR}/include")

if(EXISTS "${CMAKE_SOURCE_DIR}/abi/generate.py")
    file(GLOB_RECURSE antimono_abi_inputs CONFIGURE_DEPENDS
        "${CMAKE_SOURCE_DIR}/abi/*.py" "${CMAKE_SOURCE_DIR}/abi/*.json" "${CMAKE_SOURCE_DIR}/abi/*.toml"
        "${CMAKE_SOURCE_DIR}/abi/*.in")
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${antimono_abi_inputs} "${ANTIMONO_CONFIG}")
    set(antimono_abi_arguments --config "${ANTIMONO_CONFIG}" --out "${ANTIMONO_ABI_DIR}")
    if(ANTIMONO_ROOT_CNODE_BITS)
        list(APPEND antimono_abi_arguments --root-cnode-bits "${ANTIMONO_ROOT_CNODE_BITS}")
    endif()
    execute_process(
        COMMAND "${Python3_EXECUTABLE}" -B "${CMAKE_SOURCE_DIR}/abi/generate.py" ${antimono_abi_arguments}
        RESULT_VARIABLE antimono_abi_status
        ERROR_VARIABLE antimono_abi_error)
    if(NOT antimono_abi_status EQUAL 0)
        message(FATAL_ERROR "The ABI generator refused ${ANTIMONO_CONFIG}:\n${antimono_abi_error}")
    endif()
endif()
