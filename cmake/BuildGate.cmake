# SPDX-License-Identifier: GPL-2.0-only
#
# cmake -DSOURCE=... -DBINARY=... -DCOMPILER=... -DLLVM_ROOT=... -P BuildGate.cmake
# Brings the shared build of the gate's plugin up to date. Several presets may build at once: one does it, the others
# wait.
file(MAKE_DIRECTORY "${BINARY}")
file(LOCK "${BINARY}/lock" GUARD PROCESS TIMEOUT 900)
if(NOT EXISTS "${BINARY}/build.ninja")
    execute_process(
        COMMAND "${CMAKE_COMMAND}" -S "${SOURCE}" -B "${BINARY}" -G Ninja "-DCMAKE_CXX_COMPILER=${COMPILER}"
            "-DANTIMONO_LLVM_ROOT=${LLVM_ROOT}"
        OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
endif()
execute_process(COMMAND "${CMAKE_COMMAND}" --build "${BINARY}" COMMAND_ERROR_IS_FATAL ANY)
