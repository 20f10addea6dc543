#include "byte_source.hpp"

#include "optex/core/errors.hpp"

#include <algorithm>
#include <string_view>
#include <system_error>
#include <vector>

#include "compressed_file.hpp"
#include <fmt/format.h>

namespace optex {
namespace {

using namespace std::string_view_literals;

/// What files that are not read begin with, and how they become readable.
struct Foreign {
  std::string_view first_bytes, name, remedy;
};
constexpr Foreign foreign[] = {
    {"\x28\xB5\x2F\xFD"sv, "zstd", "`zstd -d`"},
    {"PK\x03\x04"sv, "zip (or .npz, .xlsx)", "`unzip`"},
    {"PK\x05\x06"sv, "zip", "`unzip`"},
    {"7z\xBC\xAF\x27\x1C"sv, "7z", "`7z x`"},
    {"\x04\x22\x4D\x18"sv, "lz4", "`lz4 -d`"},
    {"LZIP\x01"sv, "lzip", "`lzip -d`"},
    {"\x93NUMPY"sv, "a NumPy array", "numpy.savetxt or h5py"},
    {"\x1F\x9D"sv, "compress (.Z)", "`uncompress`"},
    {"Rar!\x1A\x07"sv, "rar", "`unrar x`"},
    {"PAR1"sv, "Parquet", "DataFrame.to_csv"},
    {"version https://git-lfs"sv, "a pointer of Git LFS, not the data", "`git lfs pull`"},
    {"\x89HDF\r\n\x1A\n"sv, "HDF5", "data.format = \"hdf5\""},
};

void require_regular_file(const std::filesystem::path& path) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (status.type() == std::filesystem::file_type::not_found)
    throw IoError(fmt::format("{}: no such file", path.string()));
  if (error) throw IoError(fmt::format("{}: {}", path.string(), error.message()));
  if (std::filesystem::is_directory(status))
    throw IoError(fmt::format("{}: not a regular file but a folder; name a file in it", path.string()));
  // Opening a pipe or a device could wait for ever.
  if (!std::filesystem::is_regular_file(status))
    throw IoError(fmt::format("{}: not a regular file", path.string()));
}

std::unique_ptr<ByteDecoder> decoder_for(const std::filesystem::path& path) {
  require_regular_file(path);
  CompressedFile file(path);
  const std::span<std::uint8_t> head = file.next();
  const std::string_view first(reinterpret_cast<const char*>(head.data()), head.size());
  if (first.starts_with("\xFD"
                        "7zXZ\0"sv))
    return open_xz(path);
  // "BZh", a digit, and the first block's mark; an empty stream has the mark of its end.
  const bool block = first.substr(0, 10).ends_with("\x31\x41\x59\x26\x53\x59"sv) ||
                     first.substr(0, 10).ends_with("\x17\x72\x45\x38\x50\x90"sv);
  if (first.starts_with("BZh"sv) && (block || first.size() < 10)) return open_bzip2(path);
  for (const Foreign& other : foreign)
    if (first.starts_with(other.first_bytes))
      throw IoError(fmt::format("{}: the file is {}, which is not read here; {} first{}", path.string(),
                                other.name, other.remedy,
                                other.name == "HDF5"sv ? "" : " (gzip, bzip2 and xz are read as they are)"));
  return open_gzip_or_plain(path);
}

}  // namespace

void ByteDecoder::skip(std::int64_t bytes) {
  std::vector<std::uint8_t> passed(std::size_t{1} << 16);
  while (bytes > 0) {
    const std::size_t wanted = std::min<std::size_t>(passed.size(), static_cast<std::size_t>(bytes));
    if (read(std::span(passed).first(wanted)) < wanted) return;
    bytes -= static_cast<std::int64_t>(wanted);
  }
}

ByteSource::ByteSource(const std::filesystem::path& path) : decoder_(decoder_for(path)) {}

}  // namespace optex
