#include "optex/hdf5/replacement_file.hpp"

#include "optex/hdf5/descriptor.hpp"

#include <cerrno>
#include <cstdio>

#include <fcntl.h>
#include <unistd.h>

namespace optex::hdf5 {

namespace {

std::filesystem::path folder_of(const std::filesystem::path& file) {
  return file.has_parent_path() ? file.parent_path() : std::filesystem::path(".");
}

}  // namespace

std::filesystem::path ReplacementFile::temporary_of(const std::filesystem::path& target) {
  return folder_of(target) / ("." + target.filename().string() + ".partial");
}

ReplacementFile::ReplacementFile(const std::filesystem::path& target)
    : target_(target), temporary_(temporary_of(target)) {
  if (::unlink(temporary_.c_str()) != 0 && errno != ENOENT) fail_with_errno(temporary_, "remove");
}

ReplacementFile::~ReplacementFile() {
  if (!committed_) ::unlink(temporary_.c_str());
}

void ReplacementFile::rename() {
  if (::rename(temporary_.c_str(), target_.c_str()) != 0) fail_with_errno(target_, "replace");
  committed_ = true;
}

void ReplacementFile::commit() {
  Descriptor content(temporary_, O_RDONLY | O_NOFOLLOW);
  content.sync();
  content.close();
  rename();
  Descriptor(folder_of(target_), O_RDONLY | O_DIRECTORY).sync();
}

void ReplacementFile::commit_without_sync() { rename(); }

void replace_text(const std::filesystem::path& target, std::string_view text, Durability durability) {
  ReplacementFile replacement(target);
  Descriptor out(replacement.temporary(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW);
  out.write_all(text.data(), text.size());
  out.close();
  if (durability == Durability::machine)
    replacement.commit();
  else
    replacement.commit_without_sync();
}

}  // namespace optex::hdf5
