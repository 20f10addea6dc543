#pragma once

#include "optex/core/types.hpp"
#include "optex/files/descriptor.hpp"
#include "optex/hdf5/dataset.hpp"
#include "optex/hdf5/handle.hpp"

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// HDF5 files of doubles, 64-bit integers and UTF-8 text. This module is the only one that sees hdf5.h.
///
/// Every call that fails throws IoError: one line with the file, the path inside it and HDF5's innermost
/// message; files::SystemError when the operating system refused, whatever the content. Calls from several
/// threads are taken one after the other.
namespace optex::hdf5 {

/// There was not the memory that HDF5 asked for, which is bounded while a file is read: a few hundred MiB,
/// and more for pieces that the file really holds. Of a file with an intact seal it says that the machine has
/// too little, of others more likely that a size in them is damaged.
struct OutOfMemory : IoError {
  using IoError::IoError;
};

/// One object of a file, for listings.
struct Entry {
  std::string path;           ///< "/history/theta"
  std::string type;           ///< "group", "float64", "int64", "string", ...
  std::vector<Index> extent;  ///< shape; empty for groups and scalars
};

/// An open file. Groups on the way to a dataset are made as needed; datasets are written once.
class File {
 public:
  /// Creates the file; one that is already there, a link included, is an error: nothing is ever overwritten.
  /// `user_block` bytes (0 or a power of two from 512 on) stay free at the front, see seal.hpp.
  static File create(const std::filesystem::path& path, std::size_t user_block = 0);
  /// Fills an empty file that is open for reading and writing, as files::ReplacementFile makes one.
  static File create(const files::Descriptor& empty, std::size_t user_block = 0);
  /// Opens an existing file for reading; links are followed.
  static File open(const std::filesystem::path& path);
  /// The very file that is open.
  static File open(const files::Descriptor& file);

  /// Hands everything to the operating system and closes. Who has written needs it, to know that all of it
  /// was taken: the end of this object closes without a word.
  void close();

  const std::filesystem::path& path() const { return path_; }

  void create_group(const std::string& path);

  /// Scalars and text.
  void write(const std::string& path, double value);
  void write(const std::string& path, std::int64_t value);
  void write(const std::string& path, std::string_view text);
  /// 1-D, in chunks of at most 1 MiB with fletcher32 checksums.
  void write(const std::string& path, ConstVectorRef values);
  void write(const std::string& path, std::span<const std::int64_t> values);
  void write(const std::string& path, const std::vector<std::string>& texts);
  /// 2-D of doubles, to be written row by row, so that no second copy of a large matrix is ever made. With
  /// `single` the file holds single precision.
  Dataset create_rows(const std::string& path, Index rows, Index columns, bool single = false);

  /// Attributes of the object at `path` ("/" is the root).
  void write_attribute(const std::string& path, const std::string& name, double value);
  void write_attribute(const std::string& path, const std::string& name, std::int64_t value);
  void write_attribute(const std::string& path, const std::string& name, std::string_view text);

  bool contains(const std::string& path) const;
  /// Everything in the file by path, the root left out, at most `limit` entries.
  std::vector<Entry> entries(std::size_t limit = 1000) const;

  /// Readers check presence, rank and type, and that the stored bytes can hold what the header promises: a
  /// damaged header cannot make them ask for more memory than the file accounts for.
  Dataset dataset(const std::string& path) const;
  double read_double(const std::string& path) const;
  std::int64_t read_integer(const std::string& path) const;
  std::string read_text(const std::string& path) const;
  Vector read_vector(const std::string& path) const;
  std::vector<std::int64_t> read_integers(const std::string& path) const;

  bool has_attribute(const std::string& path, const std::string& name) const;
  double read_double_attribute(const std::string& path, const std::string& name) const;
  std::int64_t read_integer_attribute(const std::string& path, const std::string& name) const;
  std::string read_text_attribute(const std::string& path, const std::string& name) const;

 private:
  File(std::filesystem::path path, Handle id, std::uintmax_t size)
      : path_(std::move(path)), id_(std::move(id)), size_(size) {}
  std::string describe(const std::string& path) const;
  [[noreturn]] void fail_missing(const std::string& path) const;

  std::filesystem::path path_;
  Handle id_;
  std::uintmax_t size_;  // bytes when opened for reading: the bound on what its parts may claim
};

/// Version of the HDF5 library in use, "1.10.8".
std::string library_version();

}  // namespace optex::hdf5
