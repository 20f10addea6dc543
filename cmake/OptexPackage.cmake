# What `cmake --install` puts beside the program (manual pages, bash completion, documentation), and the packages that
# `cpack` makes of it: a .deb for the Debian that it was built on, and a .tar.gz.
include(GNUInstallDirs)

if(NOT COMMAND optex_library)  # where the library is installed, the program is too
  install(TARGETS optex RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}")
endif()

# The program writes its own manual and completion, so they cannot tell of another one.
set(manual "${PROJECT_BINARY_DIR}/manual")
add_custom_command(OUTPUT "${manual}/optex.1" "${manual}/optex.bash"
  COMMAND optex info --man "${manual}"
  COMMAND optex info --completion > "${manual}/optex.bash"
  DEPENDS optex COMMENT "Writing the manual pages" VERBATIM)
add_custom_target(optex_manual ALL DEPENDS "${manual}/optex.1" "${manual}/optex.bash")
if(TARGET installable)
  add_dependencies(installable optex_manual)
endif()
install(DIRECTORY "${manual}/" DESTINATION "${CMAKE_INSTALL_MANDIR}/man1" FILES_MATCHING PATTERN "*.1")
install(DIRECTORY "${manual}/" DESTINATION "${CMAKE_INSTALL_MANDIR}/man5" FILES_MATCHING PATTERN "*.5")
install(FILES "${manual}/optex.bash" DESTINATION "${CMAKE_INSTALL_DATADIR}/bash-completion/completions" RENAME optex)
install(FILES README.md CHANGELOG.md DESTINATION "${CMAKE_INSTALL_DOCDIR}")
install(FILES LICENSE DESTINATION "${CMAKE_INSTALL_DOCDIR}" RENAME copyright)
install(DIRECTORY docs/ DESTINATION "${CMAKE_INSTALL_DOCDIR}/docs" FILES_MATCHING PATTERN "*.md" PATTERN "*.png")
install(DIRECTORY configs/ DESTINATION "${CMAKE_INSTALL_DOCDIR}/configs"
        FILES_MATCHING PATTERN "*.toml" PATTERN "*.gz")  # with the data that some of them name

set(CPACK_GENERATOR DEB TGZ)
set(CPACK_PACKAGE_NAME optex)
set(CPACK_PACKAGE_VENDOR "OptEx maintainers")
set(CPACK_PACKAGE_CONTACT "OptEx maintainers <maintainers@optex.invalid>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "${PROJECT_DESCRIPTION}")
set(CPACK_RESOURCE_FILE_LICENSE "${PROJECT_SOURCE_DIR}/LICENSE")
set(CPACK_STRIP_FILES ON)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION science)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(recommended)
if(OPTEX_MPI)
  list(APPEND recommended openmpi-bin)  # mpirun; alone on one core it works without
endif()
if(optex_has_python)  # `import optex`, for this very version of Python
  math(EXPR next "${Python_VERSION_MINOR} + 1")
  list(APPEND recommended "python3 (>= ${Python_VERSION_MAJOR}.${Python_VERSION_MINOR})" "python3 (<< ${Python_VERSION_MAJOR}.${next}~)"
       python3-numpy)
endif()
list(JOIN recommended ", " CPACK_DEBIAN_PACKAGE_RECOMMENDS)
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "python3-scipy, python3-mpi4py, python3-petsc4py, python3-h5py, python3-matplotlib")
include(CPack)
