#pragma once

#include <filesystem>
#include <string_view>

namespace optex::hdf5 {

/// Writes a file anew so that nobody, after a crash neither, ever sees half of it: the content goes to a
/// temporary in the same folder, which then takes the place of the target in one step. A link at the target
/// is replaced, not followed. One writer a target.
class ReplacementFile {
 public:
  /// Removes what a killed writer may have left at the temporary name.
  explicit ReplacementFile(const std::filesystem::path& target);
  ReplacementFile(const ReplacementFile&) = delete;
  ReplacementFile& operator=(const ReplacementFile&) = delete;
  /// Removes the temporary unless it was committed.
  ~ReplacementFile();

  /// Where to write: ".NAME.partial" beside the target. Does not exist yet.
  const std::filesystem::path& temporary() const { return temporary_; }

  /// Forces the temporary to disk, renames it to the target and forces the folder to disk.
  void commit();
  /// The same without waiting for the disk: safe against the death of this process, not of the machine.
  void commit_without_sync();

  /// The temporary's name for a target.
  static std::filesystem::path temporary_of(const std::filesystem::path& target);

 private:
  void rename();

  std::filesystem::path target_, temporary_;
  bool committed_ = false;
};

enum class Durability {
  process,  ///< survives the death of this process
  machine,  ///< survives a power cut
};

/// Replaces the content of a text file.
void replace_text(const std::filesystem::path& target, std::string_view text,
                  Durability durability = Durability::machine);

}  // namespace optex::hdf5
