#pragma once

#include "optex/files/folder.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace optex {

/// What ranks say of another one of their host that has died: rank 0 may be elsewhere. Starts with whatever
/// earlier starts have left, which it does not tell.
class WordsOfDeadRanks {
 public:
  explicit WordsOfDeadRanks(files::Folder run_folder);
  /// The ranks of which such a word has come since; none when nothing can be read.
  std::vector<std::string> heard() const;
  /// `dead`: as heard() gives it back.
  static void tell(const files::Folder& run_folder, int rank, std::string_view dead);

 private:
  std::vector<std::string> words() const;

  files::Folder folder_;
  std::vector<std::string> before_;
};

}  // namespace optex
