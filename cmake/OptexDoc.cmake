# The target `doc`: HTML pages out of the comments of the public headers, in doc/html of the build folder. It is there
# when Doxygen is installed, and fails at the first comment that Doxygen cannot read (names of parameters that do not
# exist, references that lead nowhere, broken markup).
find_package(Doxygen QUIET)
if(DOXYGEN_FOUND)
  set(DOXYGEN_PROJECT_NAME OptEx)
  set(DOXYGEN_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/doc")
  set(DOXYGEN_GENERATE_LATEX NO)
  set(DOXYGEN_HAVE_DOT NO)
  set(DOXYGEN_QUIET YES)
  set(DOXYGEN_WARN_AS_ERROR FAIL_ON_WARNINGS)
  set(DOXYGEN_FILE_PATTERNS *.hpp *.h)
  set(DOXYGEN_STRIP_FROM_PATH "${PROJECT_SOURCE_DIR}/include")
  set(DOXYGEN_STRIP_FROM_INC_PATH "${PROJECT_SOURCE_DIR}/include")
  set(DOXYGEN_JAVADOC_AUTOBRIEF YES)
  set(DOXYGEN_EXTRACT_ALL YES)  # names that explain themselves have no comment and are listed all the same
  set(DOXYGEN_EXTRACT_PRIVATE NO)
  set(DOXYGEN_HIDE_UNDOC_RELATIONS NO)
  set(DOXYGEN_USE_MDFILE_AS_MAINPAGE "${PROJECT_SOURCE_DIR}/docs/library.md")
  doxygen_add_docs(doc "${PROJECT_SOURCE_DIR}/include/optex" "${PROJECT_SOURCE_DIR}/docs/library.md"
                   COMMENT "Writing doc/html/index.html")
endif()
