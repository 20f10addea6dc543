# What `cmake --install` puts where: the command, its Python module, the C header for plug-ins, and the library for
# find_package(optex) with the targets optex::core (no MPI, no HDF5) and, where it was built, optex::mpi; for pkg-config
# they are optex-core and optex-mpi.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

# All that is installed: whoever builds less cannot install.
add_custom_target(installable DEPENDS optex)
if(TARGET optex_python)
  add_dependencies(installable optex_python)
endif()
# optex_library(name modules...): a target for those who link the library. It stands for its modules and what
# they use.
set(optex_library_modules core kernels optimizers surrogate estimation evaluation methods driver minimize)
function(optex_library name)
  list(TRANSFORM ARGN PREPEND optex_ OUTPUT_VARIABLE modules)
  add_library(optex_library_${name} INTERFACE)
  add_library(optex::${name} ALIAS optex_library_${name})
  target_link_libraries(optex_library_${name} INTERFACE ${modules})
  target_compile_features(optex_library_${name} INTERFACE cxx_std_20)
  set_target_properties(optex_library_${name} PROPERTIES EXPORT_NAME ${name})
endfunction()

optex_library(core ${optex_library_modules})
set(optex_installed_targets optex_library_core)
if(OPTEX_MPI)
  list(APPEND optex_library_modules distributed mpi)
  optex_library(mpi ${optex_library_modules})
  # Its headers include mpi.h, of which only the C part is linked.
  target_compile_definitions(optex_library_mpi INTERFACE OMPI_SKIP_MPICXX=1 MPICH_SKIP_MPICXX=1)
  list(APPEND optex_installed_targets optex_library_mpi)
endif()
list(TRANSFORM optex_library_modules PREPEND optex_ OUTPUT_VARIABLE modules)
set(built "${PROJECT_BINARY_DIR}/manual/optex.1")
foreach(module IN LISTS modules)
  get_target_property(type ${module} TYPE)
  if(NOT type STREQUAL "INTERFACE_LIBRARY")
    add_dependencies(installable ${module})
    list(APPEND built "$<TARGET_FILE:${module}>")
  endif()
endforeach()
# Before anything is copied; what install(TARGETS) says of a missing file does not help.
install(CODE "
  set(built \"${built}\")
  foreach(file IN LISTS built)
    if(NOT EXISTS \"\${file}\")
      message(FATAL_ERROR \"nothing is installed, \${file} has not been built: cmake --build ${PROJECT_BINARY_DIR} --target installable\")
    endif()
  endforeach()")

install(TARGETS optex RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}")
install(DIRECTORY "${PROJECT_SOURCE_DIR}/python/optex" DESTINATION "${CMAKE_INSTALL_DATADIR}/optex/python"
        FILES_MATCHING PATTERN "*.py")
optex_install_python()
install(FILES "${PROJECT_SOURCE_DIR}/include/optex/plugin.h" DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/optex")
install(TARGETS ${optex_installed_targets} ${modules} EXPORT optex-targets
        ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}/optex"
        FILE_SET HEADERS DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")

set(optex_config_folder "${CMAKE_INSTALL_LIBDIR}/cmake/optex")
# find_package() looks below every folder of PATH for packages, bin/.. included: not for this one, which works installed only.
set(optex_package_folder "${PROJECT_BINARY_DIR}/CMakeFiles/to_install")
file(REMOVE "${PROJECT_BINARY_DIR}/optex-config.cmake" "${PROJECT_BINARY_DIR}/optex-config-version.cmake")  # of earlier versions
install(EXPORT optex-targets NAMESPACE optex:: DESTINATION "${optex_config_folder}")
configure_package_config_file("${PROJECT_SOURCE_DIR}/cmake/optex-config.cmake.in"
  "${optex_package_folder}/optex-config.cmake" INSTALL_DESTINATION "${optex_config_folder}")
write_basic_package_version_file("${optex_package_folder}/optex-config-version.cmake" COMPATIBILITY SameMinorVersion)
install(FILES "${optex_package_folder}/optex-config.cmake" "${optex_package_folder}/optex-config-version.cmake"
        DESTINATION "${optex_config_folder}")

# optex_pkg_config(name DESCRIPTION text MODULES ... [REQUIRES pkg-config modules...] [CFLAGS ...] [LIBS ...]): writes and
# installs name.pc. Paths are relative to the file, so that the prefix can be moved. What uses others stands before them.
function(optex_pkg_config name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "DESCRIPTION" "MODULES;REQUIRES;CFLAGS;LIBS")
  set(archives "")
  foreach(module IN LISTS OPTEX_MODULES)
    get_target_property(type optex_${module} TYPE)
    if(module IN_LIST arg_MODULES AND NOT type STREQUAL "INTERFACE_LIBRARY")
      string(PREPEND archives "-loptex_${module} ")
    endif()
  endforeach()
  set(folder "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
  file(RELATIVE_PATH to_prefix "/prefix/${folder}" /prefix)
  string(REGEX REPLACE "/$" "" to_prefix "${to_prefix}")
  list(JOIN arg_REQUIRES ", " requires)
  list(JOIN arg_CFLAGS " " cflags)
  list(JOIN arg_LIBS " " libs)
  file(CONFIGURE OUTPUT "${PROJECT_BINARY_DIR}/${name}.pc" @ONLY CONTENT "prefix=\${pcfiledir}/${to_prefix}
Name: ${name}
Description: ${arg_DESCRIPTION}
Version: ${PROJECT_VERSION}
Requires: ${requires}
Cflags: -I\${prefix}/${CMAKE_INSTALL_INCLUDEDIR} ${cflags}
Libs: -L\${prefix}/${CMAKE_INSTALL_LIBDIR}/optex ${archives}${libs}
")
  install(FILES "${PROJECT_BINARY_DIR}/${name}.pc" DESTINATION "${folder}")
endfunction()

set(optex_core_modules ${optex_library_modules})
list(REMOVE_ITEM optex_core_modules distributed mpi)
optex_pkg_config(optex-core DESCRIPTION "Optimisation with predicted gradients, on one process"
                 MODULES ${optex_core_modules} REQUIRES eigen3 LIBS -pthread)
if(OPTEX_MPI)
  # By path, as the CMake package does: MPI's own pkg-config files are named differently by each MPI.
  list(TRANSFORM MPI_C_INCLUDE_DIRS PREPEND -I OUTPUT_VARIABLE mpi_includes)
  optex_pkg_config(optex-mpi DESCRIPTION "Optimisation with predicted gradients, on the ranks of a communicator"
                   MODULES ${optex_core_modules} distributed mpi REQUIRES eigen3 fmt
                   CFLAGS ${mpi_includes} -DOMPI_SKIP_MPICXX=1 -DMPICH_SKIP_MPICXX=1 LIBS ${MPI_C_LIBRARIES} -pthread)
endif()
