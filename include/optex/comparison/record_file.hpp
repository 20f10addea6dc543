#pragma once

#include "optex/comparison/run_record.hpp"
#include "optex/files/folder.hpp"

#include <string>
#include <vector>

namespace optex {

/// The finished runs of a comparison, one line of JSON each, on disk as soon as they are finished: what a
/// second start need not do again.
class RecordFile {
 public:
  /// Reads what is there; lines that are damaged or half-written are dropped from the file. Throws IoError.
  explicit RecordFile(files::Place file);

  /// Null when no run of that identity has finished.
  const RunRecord* find(const std::string& identity) const;
  /// Throws IoError.
  void add(RunRecord record);
  std::size_t size() const { return records_.size(); }

 private:
  files::Place file_;
  std::vector<RunRecord> records_;
};

}  // namespace optex
