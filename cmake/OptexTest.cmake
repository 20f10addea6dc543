# Functions that register tests. Every test has a label (unit, distributed, end_to_end) and a time-out: it ends what hangs, so
# it is many times what a test takes, also on a machine of which others use most.
include(GoogleTest)

# What sanitized programs need around them. Leaks are looked for in programs without MPI only: those inside MPI libraries
# are not ours, and the leak checker of many processes that end at once stops with a fatal error of its own.
set(OPTEX_UNIT_ENVIRONMENT "")
set(OPTEX_MPI_ENVIRONMENT "")
if(OPTEX_SANITIZE)
  set(asan "ASAN_OPTIONS=detect_stack_use_after_return=1:strict_string_checks=1")
  set(OPTEX_UNIT_ENVIRONMENT "${asan}")
  set(OPTEX_MPI_ENVIRONMENT "${asan}:detect_leaks=0" "UBSAN_OPTIONS=print_stacktrace=1")
endif()

# Tests are compiled more often than they run long: they are optimised a little, the libraries under test in full. Those of what
# talks (TALKS) are not optimised, which takes a tenth to a third off the time that they compile: a function of a template that a test
# makes, too, is linked in place of the library's, so what computes must not be among them.
set(level_test 1)
set(level_talking_test 0)
foreach(kind IN ITEMS test talking_test)
  add_library(optex_${kind}_options INTERFACE)
  target_compile_options(optex_${kind}_options INTERFACE $<$<CONFIG:Release>:-O${level_${kind}}>)
  target_link_libraries(optex_${kind}_options INTERFACE optex_options fmt::fmt)

  # Much of the time that a test takes to compile goes into these headers.
  if(OPTEX_FAST_BUILD)
    file(CONFIGURE OUTPUT "${PROJECT_BINARY_DIR}/optex_${kind}_headers.cpp" CONTENT "")
    add_library(optex_${kind}_headers OBJECT "${PROJECT_BINARY_DIR}/optex_${kind}_headers.cpp")
    target_link_libraries(optex_${kind}_headers PRIVATE optex_${kind}_options optex_core GTest::gmock GTest::gtest)
    target_precompile_headers(optex_${kind}_headers PRIVATE <gmock/gmock.h> <gtest/gtest.h> <fmt/format.h> <Eigen/Core>)
  endif()
endforeach()

# An executable of the tests: may include tests/, finds its data in OPTEX_TEST_DATA. TALKS: it is not optimised.
function(optex_test_executable name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "TALKS" "" "SOURCES;USES;LINKS")
  list(TRANSFORM arg_USES PREPEND optex_ OUTPUT_VARIABLE uses)
  set(kind test)
  if(arg_TALKS)
    set(kind talking_test)
  endif()
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE optex_${kind}_options ${uses} ${arg_LINKS})
  target_include_directories(${name} PRIVATE "${PROJECT_SOURCE_DIR}/tests")
  target_compile_definitions(${name} PRIVATE OPTEX_TEST_DATA="${PROJECT_SOURCE_DIR}/tests/data")
  if(OPTEX_FAST_BUILD)
    target_precompile_headers(${name} REUSE_FROM optex_${kind}_headers)
    # Four at once: what GoogleTest and Eigen make out of their templates is made once. A file that must keep a name to itself sets
    # SKIP_UNITY_BUILD_INCLUSION.
    set_target_properties(${name} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 4)
  endif()
endfunction()

# optex_test(name [TALKS] SOURCES files... [THREADS files...] [USES modules...] [LINKS targets...] [TIMEOUT seconds] [LABEL label]
#            [COST seconds])
#
# One GoogleTest executable; every case is a CTest test called <name>.<suite>.<case>. THREADS: those of the SOURCES whose code runs
# on several threads; a build under the thread sanitizer compiles them alone. COST: of the longest case; all of them begin earlier.
function(optex_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "TALKS" "TIMEOUT;LABEL;COST" "SOURCES;THREADS;USES;LINKS")
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "optex_test(${name}): unknown arguments ${arg_UNPARSED_ARGUMENTS}")
  endif()
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 600)
  endif()
  if(NOT arg_LABEL)
    set(arg_LABEL unit)
  endif()
  if(arg_THREADS AND OPTEX_SANITIZE STREQUAL "thread")
    set(arg_SOURCES ${arg_THREADS})
  endif()
  set(talks "")
  if(arg_TALKS)
    set(talks TALKS)
  endif()
  optex_test_executable(${name} ${talks} SOURCES ${arg_SOURCES} USES ${arg_USES}
                        LINKS ${arg_LINKS} GTest::gmock GTest::gtest_main)
  set(environment "")
  if(OPTEX_UNIT_ENVIRONMENT)
    set(environment ENVIRONMENT "${OPTEX_UNIT_ENVIRONMENT}")
  endif()
  if(arg_COST)
    list(APPEND environment COST ${arg_COST})
  endif()
  gtest_discover_tests(${name} TEST_PREFIX "${name}." DISCOVERY_TIMEOUT 300
                       PROPERTIES TIMEOUT ${arg_TIMEOUT} LABELS ${arg_LABEL} ${environment})
endfunction()

# optex_mpi_test(name RANKS counts... SOURCES files... [USES modules...] [LINKS targets...] [TIMEOUT seconds])
#
# One GoogleTest executable with a main() of its own among its SOURCES (it initialises MPI); all its cases are one
# CTest test per rank count, <name>.on_<count>_ranks.
function(optex_mpi_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "TIMEOUT" "RANKS;SOURCES;USES;LINKS")
  if(arg_UNPARSED_ARGUMENTS OR NOT arg_RANKS)
    message(FATAL_ERROR "optex_mpi_test(${name}): RANKS missing or unknown arguments ${arg_UNPARSED_ARGUMENTS}")
  endif()
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 1200)
  endif()
  optex_test_executable(${name} SOURCES ${arg_SOURCES} USES ${arg_USES} LINKS ${arg_LINKS} GTest::gmock GTest::gtest)
  foreach(ranks IN LISTS arg_RANKS)
    set(test ${name}.on_${ranks}_ranks)
    add_test(NAME ${test} COMMAND "${PROJECT_SOURCE_DIR}/tests/support/on_ranks" ${ranks} "$<TARGET_FILE:${name}>")
    optex_script_test_properties(${test} ${arg_TIMEOUT} 1 distributed)
    set_tests_properties(${test} PROPERTIES COST 35)
  endforeach()
endfunction()

# optex_script_test(name SCRIPT file [ARGUMENTS ...] [TIMEOUT seconds] [PROCESSORS n] [COST seconds])
#
# PROCESSORS is 1 for those that wait more than they compute, otherwise 2 (tests/run starts two tests a core). Those of a
# higher COST, about the seconds that they take, begin earlier. A bash script that exercises the program; it passes when it exits with 0 (77: skipped). It runs in an empty
# folder of its own and finds in its environment OPTEX (the program), OPTEX_SOURCE_DIR and OPTEX_ON_RANKS:
#   "$OPTEX_ON_RANKS" 3 "$OPTEX" run ...
function(optex_script_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "SCRIPT;TIMEOUT;PROCESSORS;COST" "ARGUMENTS")
  if(arg_UNPARSED_ARGUMENTS OR NOT arg_SCRIPT)
    message(FATAL_ERROR "optex_script_test(${name}): SCRIPT missing or unknown arguments ${arg_UNPARSED_ARGUMENTS}")
  endif()
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 1200)
  endif()
  if(NOT arg_PROCESSORS)
    set(arg_PROCESSORS 1)
  endif()
  find_program(BASH_EXECUTABLE bash REQUIRED)
  mark_as_advanced(BASH_EXECUTABLE)
  get_filename_component(script "${arg_SCRIPT}" ABSOLUTE)
  set(folder "${CMAKE_CURRENT_BINARY_DIR}/${name}")
  add_test(NAME ${name} COMMAND "${PROJECT_SOURCE_DIR}/tests/support/in_empty_folder" "${folder}"
           "${BASH_EXECUTABLE}" "${script}" ${arg_ARGUMENTS})
  optex_script_test_properties(${name} ${arg_TIMEOUT} ${arg_PROCESSORS} end_to_end)
  if(arg_COST)
    set_tests_properties(${name} PROPERTIES COST ${arg_COST})
  endif()
endfunction()

function(optex_script_test_properties test timeout processors label)
  # The launcher gives up first, with a message and without leaving ranks behind.
  math(EXPR launcher_timeout "${timeout} - 10")
  set(environment ${OPTEX_MPI_ENVIRONMENT} "GTEST_COLOR=no" "OPTEX_MPIEXEC=${MPIEXEC_EXECUTABLE}"
      "OPTEX_MPIEXEC_NUMPROC_FLAG=${MPIEXEC_NUMPROC_FLAG}" "OPTEX_MPIEXEC_TIMEOUT=${launcher_timeout}"
      "OPTEX_SOURCE_DIR=${PROJECT_SOURCE_DIR}" "OPTEX_ON_RANKS=${PROJECT_SOURCE_DIR}/tests/support/on_ranks")
  if(MPI_C_COMPILER)
    list(APPEND environment "OPTEX_MPICC=${MPI_C_COMPILER}")
  endif()
  if(TARGET optex)
    list(APPEND environment "OPTEX=$<TARGET_FILE:optex>")
  endif()
  set_tests_properties(${test} PROPERTIES TIMEOUT ${timeout} PROCESSORS ${processors} LABELS ${label}
                       SKIP_RETURN_CODE 77 ENVIRONMENT "${environment}")
endfunction()
