# Runs the layer check over a small tree full of mistakes and expects exactly these.
set(expected
    "apps/program.cpp:1: <hdf5.h> may be included only where"
    "include/optex/middle/unlisted.hpp:1: not in the HEADERS of src/middle/CMakeLists.txt"
    "include/optex/middle/unlisted.hpp:3: 'middle' includes 'optex/low/low.hpp', but its USES does not name 'low'"
    "include/optex/stray/stray.hpp:1: 'stray' is no module"
    "src/low/CMakeLists.txt:1: USES names 'high', which does not lie below 'low'"
    "src/low/CMakeLists.txt:1: USES names 'nowhere', which is no module"
    "src/low/low.cpp:3: <mpi.h> may be included only where"
    "src/middle/middle.cpp:3: 'middle' includes 'optex/high/high.hpp', but its USES does not name 'high'"
    "src/middle/middle.cpp:4: '../low/private.hpp': a relative include hides which module it reaches into")

set(tree "${CMAKE_CURRENT_LIST_DIR}/bad_tree")
execute_process(COMMAND "${CMAKE_COMMAND}" "-DROOT=${tree}" "-DLAYERS=${tree}/layers.cmake" -P "${CHECK}"
                RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
if(result EQUAL 0)
  message(FATAL_ERROR "the check accepts a tree that breaks every rule:\n${output}")
endif()
foreach(line IN LISTS expected)
  string(FIND "${output}" "${line}" position)
  if(position EQUAL -1)
    message(FATAL_ERROR "not reported: ${line}\nThe check printed:\n${output}")
  endif()
endforeach()
list(LENGTH expected count)
if(NOT output MATCHES "${count} violations")
  message(FATAL_ERROR "${count} violations expected:\n${output}")
endif()
