#include "optex/hdf5/file.hpp"

#include "optex/files/reading.hpp"

#include "library.hpp"
#include <fcntl.h>

namespace optex::hdf5 {

namespace {

Handle access_of_files(const std::string& where) {
  const char* action = "open";
  Handle properties(checked(H5Pcreate(H5P_FILE_ACCESS), where, action), H5Pclose);
  // A forgotten dataset must not keep the file open behind our back.
  checked(H5Pset_fclose_degree(properties, H5F_CLOSE_STRONG), where, action);
  // Locks guard against two writers; our writers own their temporary name. On some parallel file systems
  // locking is switched off and HDF5 would refuse to work.
#if H5_VERSION_GE(1, 12, 1) || (H5_VERSION_GE(1, 10, 7) && !H5_VERSION_GE(1, 12, 0))
  checked(H5Pset_file_locking(properties, 0, 1), where, action);
#endif
  return properties;
}

}  // namespace

File File::create(const std::filesystem::path& path, std::size_t user_block) {
  return create(files::Descriptor(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW), user_block);
}

File File::create(const files::Descriptor& empty, std::size_t user_block) {
  const LibraryCall call;
  const char* action = "create";
  const std::string name = empty.path().string();
  const Handle access = access_of_files(name);
  const Handle creation(checked(H5Pcreate(H5P_FILE_CREATE), name, action), H5Pclose);
  checked(H5Pset_userblock(creation, user_block), name, action);
  checked(H5Pset_obj_track_times(creation, 0), name, action);
  const hid_t id =
      checked(H5Fcreate(empty.reopening_path().c_str(), H5F_ACC_TRUNC, creation, access), name, action);
  return {empty.path(), {id, H5Fclose}, 0};
}

File File::open(const std::filesystem::path& path) { return open(files::open_for_reading(path)); }

File File::open(const files::Descriptor& file) {
  const ReadingCall call;
  const std::string name = file.path().string();
  const std::uintmax_t bytes = file.size();
  const Handle access = access_of_files(name);
  const hid_t id = H5Fopen(file.reopening_path().c_str(), H5F_ACC_RDONLY, access);
  if (id < 0) {
    if (library_message().find("signature") != std::string::npos)
      throw IoError(fmt::format("{}: not an HDF5 file", name));
    fail(name, "open");
  }
  return {file.path(), {id, H5Fclose}, bytes};
}

void File::close() {
  const LibraryCall call;
  if (id_ < 0) return;
  checked(H5Fflush(id_, H5F_SCOPE_LOCAL), path_.string(), "write");
  checked(H5Fclose(id_.release()), path_.string(), "close");
}

std::string File::describe(const std::string& path) const { return path_.string() + ":" + path; }

std::string library_version() {
  const LibraryCall call;
  unsigned major = 0, minor = 0, release = 0;
  checked(H5get_libversion(&major, &minor, &release), "HDF5", "ask for the version");
  return fmt::format("{}.{}.{}", major, minor, release);
}

}  // namespace optex::hdf5
