# cmake -DROOT=<tree> -DLAYERS=<optex-layers.cmake> -P CheckLayers.cmake
#
# Holds every #include in the tree against the layers that optex_module() recorded, and fails with one line per
# violation, "file:line: what". The layers file sets rows, modules, uses_<module> and headers_<module>.
cmake_minimum_required(VERSION 3.25)
include("${LAYERS}")

# Third-party headers that few may know, as pairs "header" "where": the rest of the program does not depend on them.
# Tests may look at the bytes of a file with the HDF5 library itself.
set(confined
    "^mpi\\.h$"                            "^(include/optex|src|tests|tests/unit)/distributed/|^tests/support/mpi_|^examples/"
    "^(hdf5|hdf5_hl|H5[A-Za-z]*)\\.h$"     "^(include/optex|src)/hdf5/|^tests/"
    "^Random123/"                          "^(include/optex|src|tests/unit)/core/"
    "^zlib\\.h$"                           "^(include/optex|src)/data/|^src/build_info/|^tests/"
    "^toml\\+\\+/"                         "^(include/optex|src|tests/unit)/setup/|^src/build_info/"
    "^boost/"                              "^(include/optex|src|tests/unit)/setup/|^src/build_info/|^apps/|^tests/bench/")

set(violations "")
macro(violation text)
  list(APPEND violations "${text}")
endmacro()

# 1. USES: known modules of lower rows only. Rows make cycles impossible.
set(number 0)
foreach(row IN LISTS rows)
  string(REPLACE " " ";" row "${row}")
  foreach(module IN LISTS row)
    set(row_of_${module} ${number})
  endforeach()
  math(EXPR number "${number} + 1")
endforeach()
foreach(module IN LISTS modules)
  set(where "src/${module}/CMakeLists.txt:1")
  foreach(used IN LISTS uses_${module})
    if(NOT DEFINED row_of_${used})
      violation("${where}: USES names '${used}', which is no module")
    elseif(NOT row_of_${used} LESS row_of_${module})
      violation("${where}: USES names '${used}', which does not lie below '${module}'")
    endif()
  endforeach()
endforeach()

# 2. Every header is listed in HEADERS, so that it is compiled alone.
file(GLOB_RECURSE headers RELATIVE "${ROOT}/include/optex" "${ROOT}/include/optex/*/*.hpp" "${ROOT}/include/optex/*/*.h")
foreach(header IN LISTS headers)
  string(REGEX MATCH "^([^/]+)/(.+)$" matched "${header}")
  set(module "${CMAKE_MATCH_1}")
  set(name "${CMAKE_MATCH_2}")
  if(NOT DEFINED row_of_${module})
    violation("include/optex/${header}:1: '${module}' is no module")
  elseif(module IN_LIST modules AND NOT name IN_LIST headers_${module})
    violation("include/optex/${header}:1: not in the HEADERS of src/${module}/CMakeLists.txt")
  endif()
endforeach()

# 3. Every include.
function(check_include file line_number header)
  set(where "${file}:${line_number}")
  if(header MATCHES "^\\.\\./")
    violation("${where}: '${header}': a relative include hides which module it reaches into")
  endif()
  set(module "")
  if(file MATCHES "^(include/optex|src)/([^/]+)/")
    set(module "${CMAKE_MATCH_2}")
  endif()
  if(module IN_LIST modules AND header MATCHES "^optex/([^/]+)/")
    set(reached "${CMAKE_MATCH_1}")
    if(NOT reached STREQUAL module AND NOT reached IN_LIST uses_${module})
      violation("${where}: '${module}' includes '${header}', but its USES does not name '${reached}'")
    endif()
  endif()
  set(rules "${confined}")
  while(rules)
    list(POP_FRONT rules pattern places)
    if(header MATCHES "${pattern}" AND NOT file MATCHES "${places}")
      violation("${where}: <${header}> may be included only where ${places}")
    endif()
  endwhile()
  set(violations "${violations}" PARENT_SCOPE)
endfunction()

set(globs "")
foreach(folder include src apps tests examples)
  foreach(extension hpp cpp h c)
    list(APPEND globs "${ROOT}/${folder}/*.${extension}")
  endforeach()
endforeach()
file(GLOB_RECURSE files RELATIVE "${ROOT}" ${globs})
list(FILTER files EXCLUDE REGEX "^tests/layers/")
set(include_line "^[ \t]*#[ \t]*include[ \t]*[<\"]([^>\"]+)[>\"]")
foreach(file IN LISTS files)
  file(STRINGS "${ROOT}/${file}" includes REGEX "${include_line}")
  foreach(line IN LISTS includes)
    string(REGEX MATCH "${include_line}" matched "${line}")
    set(before "${violations}")
    check_include("${file}" "@line@" "${CMAKE_MATCH_1}")
    if(NOT violations STREQUAL before)
      # Only a violation is worth the search for its line number.
      file(READ "${ROOT}/${file}" text)
      string(FIND "${text}" "${matched}" position)
      string(SUBSTRING "${text}" 0 ${position} text)
      string(REGEX MATCHALL "\n" newlines "${text}")
      list(LENGTH newlines line_number)
      math(EXPR line_number "${line_number} + 1")
      string(REPLACE "@line@" "${line_number}" violations "${violations}")
    endif()
  endforeach()
endforeach()

list(LENGTH files file_count)
if(violations)
  foreach(text IN LISTS violations)
    message(NOTICE "${text}")
  endforeach()
  list(LENGTH violations count)
  message(FATAL_ERROR "${count} violations of the layers in ${file_count} files")
endif()
message(STATUS "${file_count} files keep to the layers")
