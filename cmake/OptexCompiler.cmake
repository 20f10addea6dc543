# Language level, optimisation and warnings for every target of the project.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Build type" FORCE)
endif()

add_library(optex_options INTERFACE)
# No fused multiply-add behind our back: the same digits on every machine that runs the same binary.
target_compile_options(optex_options INTERFACE -ffp-contract=off)
target_compile_options(optex_options INTERFACE -Wall -Wextra -Wpedantic -Wconversion -Wshadow
                                               $<$<CONFIG:Release>:-O3>)
if(OPTEX_WARNINGS_AS_ERRORS)
  target_compile_options(optex_options INTERFACE -Werror)
endif()

if(OPTEX_SANITIZE)
  target_compile_options(optex_options INTERFACE -fsanitize=${OPTEX_SANITIZE} -fno-omit-frame-pointer
                                                 -fno-sanitize-recover=all)
  target_link_options(optex_options INTERFACE -fsanitize=${OPTEX_SANITIZE})
endif()
