# The Python module's compiled half, optex/_core: OPTEX_PYTHON = ON, OFF, or AUTO for where pybind11 and Python's headers
# are there. It is built beside the package's own files (in the build folder, share/optex/python/optex), so that this
# folder on PYTHONPATH, or a .pth file that names it, is all that `import optex` needs.
set(OPTEX_PYTHON AUTO CACHE STRING "The Python module's compiled half (needs pybind11): ON, OFF, or AUTO")
set_property(CACHE OPTEX_PYTHON PROPERTY STRINGS AUTO ON OFF)

set(optex_has_python NO)
if(OPTEX_PYTHON AND NOT OPTEX_SANITIZE)
  if(NOT DEFINED Python_EXECUTABLE AND NOT DEFINED Python_ROOT_DIR)
    find_program(OPTEX_SYSTEM_PYTHON python3 PATHS /usr/bin NO_DEFAULT_PATH)  # the one that pybind11-dev and numpy serve
    mark_as_advanced(OPTEX_SYSTEM_PYTHON)
    if(OPTEX_SYSTEM_PYTHON)
      set(Python_EXECUTABLE "${OPTEX_SYSTEM_PYTHON}")
    endif()
  endif()
  find_package(Python 3.9 QUIET COMPONENTS Interpreter Development.Module)
  find_package(pybind11 2.10 CONFIG QUIET)
  if(Python_Development.Module_FOUND AND pybind11_FOUND)
    set(optex_has_python YES)
    message(STATUS "Python module: for Python ${Python_VERSION}, pybind11 ${pybind11_VERSION}")
  elseif(OPTEX_PYTHON STREQUAL "AUTO")
    message(STATUS "Python module: without optex.minimize (Debian: pybind11-dev python3-dev)")
  else()
    message(FATAL_ERROR "OPTEX_PYTHON=ON, but pybind11 or Python's headers are missing (Debian: pybind11-dev python3-dev)")
  endif()
endif()

# Called when all modules are there.
function(optex_add_python)
  set(package "${PROJECT_BINARY_DIR}/share/optex/python/optex")
  if(IS_SYMLINK "${package}")  # as earlier versions made it: links in there would replace the source files
    file(REMOVE "${package}")
  endif()
  file(MAKE_DIRECTORY "${package}")
  file(GLOB files CONFIGURE_DEPENDS RELATIVE "${PROJECT_SOURCE_DIR}/python/optex" "${PROJECT_SOURCE_DIR}/python/optex/*.py")
  foreach(file IN LISTS files)
    file(CREATE_LINK "${PROJECT_SOURCE_DIR}/python/optex/${file}" "${package}/${file}" SYMBOLIC)
  endforeach()
  if(optex_has_python)
    python_add_library(optex_python MODULE WITH_SOABI "${PROJECT_SOURCE_DIR}/python/extension/module.cpp")
    target_link_libraries(optex_python PRIVATE optex_options optex_recorded pybind11::headers)
    optex_talks(optex_python)
    set_target_properties(optex_python PROPERTIES OUTPUT_NAME _core CXX_VISIBILITY_PRESET hidden
                                                  LIBRARY_OUTPUT_DIRECTORY "${package}")
    target_link_options(optex_python PRIVATE LINKER:--exclude-libs,ALL)
  endif()
endfunction()

# Into the folder where Python looks for modules under the prefix: that of Debian's packages, of the local administrator,
# or of a prefix such as ~/.local. The prefix is known only when it is installed.
function(optex_install_python)
  if(NOT optex_has_python)
    return()
  endif()
  set(version "${Python_VERSION_MAJOR}.${Python_VERSION_MINOR}")
  file(GLOB files CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/python/optex/*.py")
  list(JOIN files "\" \"" files)
  install(CODE "
    set(folder \"lib/python${version}/site-packages\")
    # cpack puts the files of a .deb into a folder of its own first.
    if((EXISTS /etc/debian_version AND CMAKE_INSTALL_PREFIX STREQUAL \"/usr\") OR CMAKE_INSTALL_PREFIX MATCHES \"/_CPack_Packages/.*/DEB/.*/usr$\")
      set(folder lib/python3/dist-packages)
    elseif(EXISTS /etc/debian_version AND CMAKE_INSTALL_PREFIX STREQUAL \"/usr/local\")
      set(folder \"lib/python${version}/dist-packages\")
    endif()
    file(GLOB core \"${PROJECT_BINARY_DIR}/share/optex/python/optex/_core*.so\")
    file(INSTALL DESTINATION \"\${CMAKE_INSTALL_PREFIX}/\${folder}/optex\" TYPE FILE FILES \"${files}\" \${core})
    set(asked \"${Python_EXECUTABLE}\")
    if(EXISTS \"\${CMAKE_INSTALL_PREFIX}/pyvenv.cfg\")
      set(asked \"\${CMAKE_INSTALL_PREFIX}/bin/python3\")
    endif()
    execute_process(COMMAND \"\${asked}\" -c \"import site, sys; sys.exit(sys.argv[1] not in sys.path + [site.getusersitepackages()])\"
                    \"\${CMAKE_INSTALL_PREFIX}/\${folder}\" RESULT_VARIABLE unknown)
    if(unknown AND NOT DEFINED ENV{DESTDIR})
      message(STATUS \"Python does not look there by itself: export PYTHONPATH=\${CMAKE_INSTALL_PREFIX}/\${folder}\")
    endif()"
    COMPONENT python)
endfunction()
