#pragma once

#include "optex/files/folder.hpp"

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace optex {

/// What only the caller knows about where and with what a run was made.
struct Provenance {
  std::vector<std::string> command_line;
  std::string mpi_library;                ///< as the library names itself; empty without MPI
  std::vector<std::string> host_of_rank;  ///< rank 0 first
  std::string arithmetic;                 ///< arithmetic_here() of rank 0
  std::vector<std::pair<std::string, std::string>>
      data_hashes;                                            ///< source and hash of everything that was read
  std::vector<std::pair<std::string, std::string>> contents;  ///< by key, a hash of what its file holds
  /// Keys whose files were allowed to be other ones than those that the run began with.
  std::vector<std::string> accepted;
};

/// provenance.json: the above with version, git commit, compiler, library versions, CPU, operating system and
/// batch job of this process. What earlier starts of the same run recorded stays under "earlier". Throws
/// IoError.
void write_provenance(const files::Place& file, const Provenance& provenance);

/// Provenance::contents of the last start; empty where nothing tells of them.
std::vector<std::pair<std::string, std::string>> contents_in_provenance(const files::Place& file);

}  // namespace optex
