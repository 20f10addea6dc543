# cmake -DGIT=... -DSOURCE_DIR=... -DOUTPUT=... -P WriteGitCommit.cmake
# Writes a source file that defines optex::build::git_commit; leaves it alone when nothing changed. "unknown" without
# git, in an unpacked archive, or when the sources lie inside somebody else's repository.
set(commit unknown)
if(GIT)
  # safe.directory: a build by root of a user's clone is still a build of that commit.
  set(git "${GIT}" -c "safe.directory=${SOURCE_DIR}")
  set(ENV{GIT_OPTIONAL_LOCKS} 0)
  execute_process(COMMAND ${git} rev-parse --show-toplevel HEAD WORKING_DIRECTORY "${SOURCE_DIR}"
                  OUTPUT_VARIABLE answer ERROR_QUIET RESULT_VARIABLE failed OUTPUT_STRIP_TRAILING_WHITESPACE)
  string(REPLACE "\n" ";" answer "${answer}")
  list(LENGTH answer lines)
  if(NOT failed AND lines EQUAL 2)
    list(GET answer 0 top)
    file(REAL_PATH "${top}" top)
    file(REAL_PATH "${SOURCE_DIR}" source)
    if(top STREQUAL source)
      list(GET answer 1 commit)
      execute_process(COMMAND ${git} status --porcelain --untracked-files=no WORKING_DIRECTORY "${SOURCE_DIR}"
                      OUTPUT_VARIABLE changes ERROR_QUIET)
      if(changes)
        string(APPEND commit "-dirty")
      endif()
    endif()
  endif()
endif()
set(text "#include \"optex/build_info.hpp\"\n\nconstinit const char* const optex::build::git_commit = \"${commit}\";\n")
set(previous "")
if(EXISTS "${OUTPUT}")
  file(READ "${OUTPUT}" previous)
endif()
if(NOT previous STREQUAL text)
  file(WRITE "${OUTPUT}" "${text}")
endif()
