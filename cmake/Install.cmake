# SPDX-License-Identifier: GPL-2.0-only
#
# The prefix that `cmake --install` lays out, as seL4's own install does, plus a CMake package:
#   bin/kernel.elf, bin/kernel.multiboot1.elf
#   libsel4/include/..., libsel4/src/...              (libsel4/CMakeLists.txt; kernel/gen_config.json and .yaml inside)
#   lib/libantimono_runtime.a, lib/cmake/antimono/
include(CMakePackageConfigHelpers)
set(CMAKE_INSTALL_BINDIR bin)
set(antimono_include libsel4/include)
set(antimono_package lib/cmake/antimono)

install(FILES "${CMAKE_BINARY_DIR}/kernel.elf" "${CMAKE_BINARY_DIR}/kernel.multiboot1.elf" DESTINATION bin)

if(TARGET antimono_runtime AND TARGET antimono_sel4)
    set_target_properties(antimono_runtime PROPERTIES EXPORT_NAME runtime)
    set_target_properties(antimono_sel4 PROPERTIES EXPORT_NAME sel4)
    install(TARGETS antimono_runtime antimono_sel4 EXPORT antimonoTargets
        ARCHIVE DESTINATION lib INCLUDES DESTINATION "${antimono_include}")
    install(EXPORT antimonoTargets NAMESPACE antimono:: DESTINATION "${antimono_package}")
    configure_package_config_file(
        "${CMAKE_SOURCE_DIR}/cmake/package/antimonoConfig.cmake.in" "${CMAKE_BINARY_DIR}/antimonoConfig.cmake"
        INSTALL_DESTINATION "${antimono_package}" PATH_VARS CMAKE_INSTALL_BINDIR antimono_include)
    write_basic_package_version_file("${CMAKE_BINARY_DIR}/antimonoConfigVersion.cmake" COMPATIBILITY SameMinorVersion)
    install(FILES
        "${CMAKE_BINARY_DIR}/antimonoConfig.cmake" "${CMAKE_BINARY_DIR}/antimonoConfigVersion.cmake"
        "${CMAKE_SOURCE_DIR}/cmake/package/AntimonoRootTask.cmake"
        DESTINATION "${antimono_package}")
endif()
