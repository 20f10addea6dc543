#pragma once

#include "optex/files/folder.hpp"

#include <string>
#include <string_view>

namespace optex::files {

enum class Durability {
  process,  ///< survives the death of this process
  machine,  ///< survives a power cut
};

/// How many may write the same target at once.
enum class Writers {
  one,   ///< what a killed one left half-written is removed by the next
  many,  ///< each has a temporary of its own; the last to commit wins
};

/// Writes a file anew so that nobody, after a crash neither, ever sees half of it: the content goes to a
/// temporary in the same folder, which then takes the place of the target in one step. A link at the target
/// is replaced, not followed.
class ReplacementFile {
 public:
  explicit ReplacementFile(const Place& target, Writers writers = Writers::one);
  ReplacementFile(const ReplacementFile&) = delete;
  ReplacementFile& operator=(const ReplacementFile&) = delete;
  /// Removes the temporary unless it was committed.
  ~ReplacementFile();

  /// The temporary, new and empty, open for reading and writing.
  const Descriptor& content() const { return content_; }

  /// Renames the temporary to the target; for the machine, content and folder are forced to disk before and
  /// after that.
  void commit(Durability durability = Durability::machine);

  /// ".NAME.partial"
  static std::string temporary_of(std::string_view name);
  /// The name that a temporary was made for; empty when it is none.
  static std::string target_of(std::string_view temporary);

 private:
  Folder folder_;
  std::string target_, temporary_;
  Descriptor content_;
  bool committed_ = false;
};

/// Replaces the content of a text file.
void replace_text(const Place& target, std::string_view text, Durability durability = Durability::machine);

}  // namespace optex::files
