# HDF5, C API, as hdf5::hdf5. Only rank 0 writes and only serial functions are called, so the serial flavour is
# preferred and the parallel one accepted; its header includes mpi.h, so then MPI is linked as well (OptexMpi).
macro(optex_find_hdf5)
  find_package(HDF5 QUIET COMPONENTS C)
  if(HDF5_FOUND)
    if(NOT TARGET hdf5::hdf5)  # HDF5's own CMake package names its targets differently from release to release
      add_library(hdf5::hdf5 INTERFACE IMPORTED GLOBAL)
      set_property(TARGET hdf5::hdf5 PROPERTY INTERFACE_INCLUDE_DIRECTORIES "${HDF5_C_INCLUDE_DIRS}")
      set_property(TARGET hdf5::hdf5 PROPERTY INTERFACE_LINK_LIBRARIES "${HDF5_C_LIBRARIES}")
    endif()
    if(HDF5_IS_PARALLEL)
      message(STATUS "HDF5: ${HDF5_VERSION}, parallel flavour (only serial functions are used)")
    else()
      message(STATUS "HDF5: ${HDF5_VERSION}, serial flavour")
    endif()
  else()
    optex_report_missing("HDF5, C library" libhdf5-dev)
  endif()
endmacro()
