# optex_module(name [TALKS] [SOURCES ...] [HEADERS ...] [USES modules...] [LINKS targets...])
#
# One static library (or interface library when there are no sources) called optex_<name>. Headers live in
# include/optex/<name>/, sources in src/<name>/. USES is both what is linked and what may be included: the layer
# check (tests/layers) refuses any other include. LINKS are third-party targets. Every header must compile alone;
# the target all_verify_interface_header_sets proves it. With OPTEX_FAST_BUILD the sources of a module are compiled in
# groups, so names in their anonymous namespaces must differ (or the file sets SKIP_UNITY_BUILD_INCLUSION). TALKS: it reads and
# writes for people, and goes through no vectors; see optex_talks().
function(optex_module name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "TALKS" "" "SOURCES;HEADERS;USES;LINKS")
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "optex_module(${name}): unknown arguments ${arg_UNPARSED_ARGUMENTS}")
  endif()
  set_property(GLOBAL PROPERTY OPTEX_USES_${name} "${arg_USES}")
  set_property(GLOBAL PROPERTY OPTEX_HEADERS_${name} "${arg_HEADERS}")

  set(target optex_${name})
  list(TRANSFORM arg_HEADERS PREPEND "${PROJECT_SOURCE_DIR}/include/optex/${name}/")
  list(TRANSFORM arg_USES PREPEND optex_ OUTPUT_VARIABLE uses)
  if(arg_SOURCES)
    set(scope PUBLIC)
    add_library(${target} STATIC ${arg_SOURCES})
    target_link_libraries(${target} PRIVATE $<BUILD_INTERFACE:optex_options>)
    set_target_properties(${target} PROPERTIES POSITION_INDEPENDENT_CODE ON)
    if(arg_TALKS)
      optex_talks(${target})
    endif()
  else()
    set(scope INTERFACE)
    add_library(${target} INTERFACE)
  endif()
  target_sources(${target} ${scope} FILE_SET HEADERS BASE_DIRS "${PROJECT_SOURCE_DIR}/include" FILES ${arg_HEADERS})
  target_link_libraries(${target} ${scope} ${uses} ${arg_LINKS})
  set_target_properties(${target} PROPERTIES VERIFY_INTERFACE_HEADER_SETS ON)
endfunction()

# Code that reads keys and writes reports: with OPTEX_FAST_BUILD it is optimised a little only, which compiles it in two
# thirds of the time and slows nothing that anybody waits for. Where numbers are made everything is optimised in full.
function(optex_talks target)
  if(OPTEX_FAST_BUILD)
    target_compile_options(${target} PRIVATE $<$<CONFIG:Release>:-O1>)
  endif()
endfunction()

# Writes what the layer check reads: the rows, and what every module uses and offers.
function(optex_write_layers)
  list(JOIN OPTEX_ROWS "\" \"" rows)
  set(text "set(rows \"${rows}\")\nset(modules ${OPTEX_MODULES})\n")
  foreach(module IN LISTS OPTEX_MODULES)
    get_property(uses GLOBAL PROPERTY OPTEX_USES_${module})
    get_property(headers GLOBAL PROPERTY OPTEX_HEADERS_${module})
    string(APPEND text "set(uses_${module} ${uses})\nset(headers_${module} ${headers})\n")
  endforeach()
  file(CONFIGURE OUTPUT "${PROJECT_BINARY_DIR}/optex-layers.cmake" CONTENT "${text}" @ONLY)
endfunction()
