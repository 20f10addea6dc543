# Third-party libraries as imported targets (so their headers are system headers and raise no warnings).
#
# Each one is looked for in three ways, in this order: its CMake package, pkg-config, its header and library file.
# CMAKE_PREFIX_PATH, <Package>_ROOT, PKG_CONFIG_PATH and what environment modules set (CPATH, LIBRARY_PATH,
# LD_LIBRARY_PATH) are searched before the system's own folders, so modules, Spack and Debian all serve. Whatever
# is missing is reported at the end, all at once, with the names of the Debian packages; those names also go to
# optex-missing-packages.txt in the build folder, which the set-up scripts read.

set(optex_missing "")           # lines of text for the error
set(optex_missing_packages "")  # Debian packages

find_package(PkgConfig QUIET)

macro(optex_report_missing label package)
  list(APPEND optex_missing "${label} (Debian: ${package})")
  list(APPEND optex_missing_packages ${package})
endmacro()

# optex_find(label
#   TARGET <target to provide>  DEBIAN <package>
#   [PACKAGE <CMake package> [COMPONENTS c...]]  [PKG_CONFIG <module>]
#   [HEADER <file> [PATH_SUFFIXES p...]]  [LIBRARIES <names>]  [DEFINITIONS <for the header-only case>])
function(optex_find label)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "TARGET;DEBIAN;PACKAGE;PKG_CONFIG;HEADER"
                        "COMPONENTS;PATH_SUFFIXES;LIBRARIES;DEFINITIONS")
  if(TARGET ${arg_TARGET})
    return()
  endif()
  string(MAKE_C_IDENTIFIER "OPTEX_${arg_TARGET}" key)

  if(arg_PACKAGE)
    if(arg_COMPONENTS)
      find_package(${arg_PACKAGE} CONFIG QUIET GLOBAL COMPONENTS ${arg_COMPONENTS})
    else()
      find_package(${arg_PACKAGE} CONFIG QUIET GLOBAL)
    endif()
    if(TARGET ${arg_TARGET})
      message(STATUS "${label}: ${${arg_PACKAGE}_DIR}")
      return()
    endif()
  endif()

  if(arg_PKG_CONFIG AND PKG_CONFIG_FOUND)
    pkg_check_modules(${key}_PC QUIET IMPORTED_TARGET GLOBAL ${arg_PKG_CONFIG})
    if(TARGET PkgConfig::${key}_PC)
      add_library(${arg_TARGET} INTERFACE IMPORTED GLOBAL)
      set_property(TARGET ${arg_TARGET} PROPERTY INTERFACE_LINK_LIBRARIES PkgConfig::${key}_PC)
      message(STATUS "${label}: pkg-config ${arg_PKG_CONFIG}")
      return()
    endif()
  endif()

  if(arg_HEADER)
    find_path(${key}_INCLUDE_DIR ${arg_HEADER} PATH_SUFFIXES ${arg_PATH_SUFFIXES}
              HINTS ENV CPATH ENV CPLUS_INCLUDE_PATH ENV C_INCLUDE_PATH)
    mark_as_advanced(${key}_INCLUDE_DIR)
    if(arg_LIBRARIES)
      find_library(${key}_LIBRARY NAMES ${arg_LIBRARIES} HINTS ENV LIBRARY_PATH ENV LD_LIBRARY_PATH)
      mark_as_advanced(${key}_LIBRARY)
    endif()
    if(${key}_INCLUDE_DIR AND (${key}_LIBRARY OR NOT arg_LIBRARIES OR arg_DEFINITIONS))
      add_library(${arg_TARGET} INTERFACE IMPORTED GLOBAL)
      set_property(TARGET ${arg_TARGET} PROPERTY INTERFACE_INCLUDE_DIRECTORIES "${${key}_INCLUDE_DIR}")
      if(${key}_LIBRARY)
        set_property(TARGET ${arg_TARGET} PROPERTY INTERFACE_LINK_LIBRARIES "${${key}_LIBRARY}")
      else()
        set_property(TARGET ${arg_TARGET} PROPERTY INTERFACE_COMPILE_DEFINITIONS "${arg_DEFINITIONS}")
      endif()
      message(STATUS "${label}: ${${key}_INCLUDE_DIR}")
      return()
    endif()
  endif()

  optex_report_missing("${label}" ${arg_DEBIAN})
  set(optex_missing "${optex_missing}" PARENT_SCOPE)
  set(optex_missing_packages "${optex_missing_packages}" PARENT_SCOPE)
endfunction()

set(THREADS_PREFER_PTHREAD_FLAG ON)
find_package(Threads REQUIRED)

optex_find("Eigen" TARGET Eigen3::Eigen DEBIAN libeigen3-dev
           PACKAGE Eigen3 PKG_CONFIG eigen3 HEADER Eigen/Core PATH_SUFFIXES eigen3)
optex_find("fmt" TARGET fmt::fmt DEBIAN libfmt-dev
           PACKAGE fmt PKG_CONFIG fmt HEADER fmt/format.h LIBRARIES fmt DEFINITIONS FMT_HEADER_ONLY=1)
optex_find("Boost.Program_options" TARGET Boost::program_options DEBIAN libboost-program-options-dev
           PACKAGE Boost COMPONENTS program_options
           HEADER boost/program_options.hpp LIBRARIES boost_program_options boost_program_options-mt)
optex_find("nlohmann-json" TARGET nlohmann_json::nlohmann_json DEBIAN nlohmann-json3-dev
           PACKAGE nlohmann_json PKG_CONFIG nlohmann_json HEADER nlohmann/json.hpp)
# toml++ is always used header-only: one module parses TOML, and a shared library is one more thing that can be
# missing on a compute node.
optex_find("toml++" TARGET tomlplusplus::tomlplusplus DEBIAN libtomlplusplus-dev
           HEADER toml++/toml.h DEFINITIONS TOML_HEADER_ONLY=1)
optex_find("xxHash" TARGET xxHash::xxhash DEBIAN libxxhash-dev
           PACKAGE xxHash PKG_CONFIG libxxhash HEADER xxhash.h LIBRARIES xxhash DEFINITIONS XXH_INLINE_ALL=1)
if(TARGET xxHash::xxhash AND NOT TARGET PkgConfig::xxhash)
  add_library(PkgConfig::xxhash INTERFACE IMPORTED GLOBAL)
  set_property(TARGET PkgConfig::xxhash PROPERTY INTERFACE_LINK_LIBRARIES xxHash::xxhash)
endif()
optex_find("Random123" TARGET Random123::Random123 DEBIAN librandom123-dev
           HEADER Random123/philox.h)

find_package(ZLIB QUIET)
if(NOT ZLIB_FOUND)
  optex_report_missing("zlib" zlib1g-dev)
endif()
find_package(BZip2 QUIET)
if(NOT BZIP2_FOUND)
  optex_report_missing("bzip2" libbz2-dev)
endif()
find_package(LibLZMA QUIET)
if(NOT LIBLZMA_FOUND)
  optex_report_missing("liblzma (xz)" liblzma-dev)
endif()

if(OPTEX_TESTS)
  find_package(GTest QUIET CONFIG)
  optex_find("GoogleTest" TARGET GTest::gtest DEBIAN libgtest-dev
             PKG_CONFIG gtest HEADER gtest/gtest.h LIBRARIES gtest)
  optex_find("GoogleTest, main" TARGET GTest::gtest_main DEBIAN libgtest-dev
             PKG_CONFIG gtest_main HEADER gtest/gtest.h LIBRARIES gtest_main)
  optex_find("GoogleMock" TARGET GTest::gmock DEBIAN libgmock-dev
             PKG_CONFIG gmock HEADER gmock/gmock.h LIBRARIES gmock)
  if(NOT GTest_FOUND AND NOT optex_missing)  # single library files do not say what they need
    set_property(TARGET GTest::gmock GTest::gtest_main APPEND PROPERTY INTERFACE_LINK_LIBRARIES GTest::gtest)
    set_property(TARGET GTest::gtest APPEND PROPERTY INTERFACE_LINK_LIBRARIES Threads::Threads)
  endif()
endif()

include(OptexHdf5)
include(OptexMpi)
optex_find_hdf5()
if(OPTEX_MPI OR HDF5_IS_PARALLEL)
  optex_find_mpi()
endif()

set(optex_missing_file "${PROJECT_BINARY_DIR}/optex-missing-packages.txt")
if(optex_missing)
  list(REMOVE_DUPLICATES optex_missing_packages)
  list(JOIN optex_missing "\n  " missing_text)
  list(JOIN optex_missing_packages " " packages_text)
  file(WRITE "${optex_missing_file}" "${packages_text}\n")
  message(FATAL_ERROR "These libraries are missing:\n  ${missing_text}\n"
    "On Debian:\n  apt-get install ${packages_text}\n"
    "Elsewhere load them as modules or with Spack, or name their prefixes in CMAKE_PREFIX_PATH "
    "(docs/building.md says more).")
endif()
file(REMOVE "${optex_missing_file}")
