# Language level, optimisation and warnings for every target of the project.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Build type" FORCE)
endif()

if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 11)
  message(FATAL_ERROR "g++ ${CMAKE_CXX_COMPILER_VERSION} is too old: C++20 needs g++ 11 or clang++ 14 at least. "
    "Load a newer compiler and name it: CXX=<compiler> cmake ...")
elseif(CMAKE_CXX_COMPILER_ID MATCHES "Clang" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 14)
  message(FATAL_ERROR "clang++ ${CMAKE_CXX_COMPILER_VERSION} is too old: C++20 needs clang++ 14 or g++ 11 at least.")
endif()

add_library(optex_options INTERFACE)
# No fused multiply-add behind our back: the same digits on every machine that runs the same binary.
target_compile_options(optex_options INTERFACE -ffp-contract=off)
# The modules also go into Python's, a shared library (OptexModule.cmake); nobody replaces their functions there.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  target_compile_options(optex_options INTERFACE -fno-semantic-interposition)
endif()
# Nobody reads errno after a square root; without it loops that take one can use vectors. Changes no digit.
target_compile_options(optex_options INTERFACE -fno-math-errno)
target_compile_options(optex_options INTERFACE -Wall -Wextra -Wpedantic -Wconversion -Wshadow)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  # g++ 12 sees overlapping copies in "literal" + std::string where there are none (GCC bug 105651).
  target_compile_options(optex_options INTERFACE -Wno-restrict)
endif()
if(OPTEX_WARNINGS_AS_ERRORS)
  target_compile_options(optex_options INTERFACE -Werror)
endif()

if(OPTEX_SANITIZE)
  target_compile_options(optex_options INTERFACE -fsanitize=${OPTEX_SANITIZE} -fno-omit-frame-pointer
                                                 -fno-sanitize-recover=all)
  target_link_options(optex_options INTERFACE -fsanitize=${OPTEX_SANITIZE})
endif()

if(OPTEX_COVERAGE)
  # Ranks count at the same time into the same files: atomically.
  target_compile_options(optex_options INTERFACE --coverage -fprofile-update=atomic)
  target_link_options(optex_options INTERFACE --coverage)
  find_program(GCOVR gcovr)
  if(GCOVR)
    add_custom_target(coverage
      COMMAND "${GCOVR}" --root "${PROJECT_SOURCE_DIR}" --filter "${PROJECT_SOURCE_DIR}/(src|include|apps)/"
              --exclude-throw-branches --html-details coverage.html --print-summary "${PROJECT_BINARY_DIR}"
      WORKING_DIRECTORY "${PROJECT_BINARY_DIR}" VERBATIM
      COMMENT "Writing coverage.html")
  endif()
endif()
