#include "optex/hdf5/file.hpp"

#include <vector>

#include "library.hpp"

namespace optex::hdf5 {

namespace {

const char* const to_write = "write";

Handle text_type(const std::string& where) {
  Handle type(checked(H5Tcopy(H5T_C_S1), where, to_write), H5Tclose);
  checked(H5Tset_size(type, H5T_VARIABLE), where, to_write);
  checked(H5Tset_cset(type, H5T_CSET_UTF8), where, to_write);
  return type;
}

/// HDF5's variable-length text ends at the first NUL: what comes after would be lost without a word.
std::string terminated(std::string_view text, const std::string& where) {
  if (text.find('\0') != std::string_view::npos)
    throw IoError(fmt::format("{}: cannot write: the text holds a NUL character", where));
  return std::string(text);
}

Handle new_dataset(hid_t file, const std::string& path, const std::string& where, hid_t type, hid_t space,
                   hid_t creation) {
  const Handle links(checked(H5Pcreate(H5P_LINK_CREATE), where, to_write), H5Pclose);
  checked(H5Pset_create_intermediate_group(links, 1), where, to_write);
  const Handle access = access_properties(where);
  return {checked(H5Dcreate2(file, path.c_str(), type, space, links, creation, access), where, "create"),
          H5Dclose};
}

/// One piece without checksums: HDF5 has none for single values and for text.
Handle plain_creation(const std::string& where) {
  Handle creation(checked(H5Pcreate(H5P_DATASET_CREATE), where, to_write), H5Pclose);
  checked(H5Pset_obj_track_times(creation, 0), where, to_write);
  return creation;
}

void write_scalar(hid_t file, const std::string& path, const std::string& where, hid_t file_type,
                  hid_t memory_type, const void* value) {
  const Handle space(checked(H5Screate(H5S_SCALAR), where, to_write), H5Sclose);
  const Handle creation = plain_creation(where);
  Handle dataset = new_dataset(file, path, where, file_type, space, creation);
  checked(H5Dwrite(dataset, memory_type, H5S_ALL, H5S_ALL, H5P_DEFAULT, value), where, to_write);
  checked(H5Dclose(dataset.release()), where, to_write);
}

void write_list(hid_t file, const std::string& path, const std::string& where, hid_t file_type,
                hid_t memory_type, hid_t creation, hsize_t count, const void* values) {
  const Handle space(checked(H5Screate_simple(1, &count, nullptr), where, to_write), H5Sclose);
  Handle dataset = new_dataset(file, path, where, file_type, space, creation);
  if (count > 0)
    checked(H5Dwrite(dataset, memory_type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values), where, to_write);
  // The last chunks are written on closing.
  checked(H5Dclose(dataset.release()), where, to_write);
}

void write_scalar_attribute(hid_t file, const std::string& path, const std::string& name,
                            const std::string& where, hid_t file_type, hid_t memory_type, const void* value) {
  const Handle space(checked(H5Screate(H5S_SCALAR), where, to_write), H5Sclose);
  Handle attribute(checked(H5Acreate_by_name(file, path.c_str(), name.c_str(), file_type, space, H5P_DEFAULT,
                                             H5P_DEFAULT, H5P_DEFAULT),
                           where, "create"),
                   H5Aclose);
  checked(H5Awrite(attribute, memory_type, value), where, to_write);
  checked(H5Aclose(attribute.release()), where, to_write);
}

}  // namespace

void File::create_group(const std::string& path) {
  const LibraryCall call;
  const Handle links(checked(H5Pcreate(H5P_LINK_CREATE), describe(path), to_write), H5Pclose);
  checked(H5Pset_create_intermediate_group(links, 1), describe(path), to_write);
  const Handle group(
      checked(H5Gcreate2(id_, path.c_str(), links, H5P_DEFAULT, H5P_DEFAULT), describe(path), "create"),
      H5Gclose);
}

void File::write(const std::string& path, double value) {
  const LibraryCall call;
  write_scalar(id_, path, describe(path), H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, &value);
}

void File::write(const std::string& path, std::int64_t value) {
  const LibraryCall call;
  write_scalar(id_, path, describe(path), H5T_STD_I64LE, H5T_NATIVE_INT64, &value);
}

void File::write(const std::string& path, std::string_view text) {
  const LibraryCall call;
  const std::string copy = terminated(text, describe(path));
  const char* const pointer = copy.c_str();
  const Handle type = text_type(describe(path));
  write_scalar(id_, path, describe(path), type, type, static_cast<const void*>(&pointer));
}

void File::write(const std::string& path, ConstVectorRef values) {
  const LibraryCall call;
  const hsize_t count = static_cast<hsize_t>(values.size());
  const Handle creation = creation_properties(1, &count, describe(path));
  write_list(id_, path, describe(path), H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, creation, count, values.data());
}

void File::write(const std::string& path, std::span<const std::int64_t> values) {
  const LibraryCall call;
  const hsize_t count = values.size();
  const Handle creation = creation_properties(1, &count, describe(path));
  write_list(id_, path, describe(path), H5T_STD_I64LE, H5T_NATIVE_INT64, creation, count, values.data());
}

void File::write(const std::string& path, const std::vector<std::string>& texts) {
  const LibraryCall call;
  const Handle type = text_type(describe(path));
  std::vector<const char*> pointers;
  pointers.reserve(texts.size());
  for (const std::string& text : texts) {
    terminated(text, describe(path));
    pointers.push_back(text.c_str());
  }
  const Handle creation = plain_creation(describe(path));
  write_list(id_, path, describe(path), type, type, creation, pointers.size(),
             static_cast<const void*>(pointers.data()));
}

Dataset File::create_rows(const std::string& path, Index rows, Index columns, bool single) {
  const LibraryCall call;
  const std::string where = describe(path);
  const hsize_t extent[2] = {static_cast<hsize_t>(rows), static_cast<hsize_t>(columns)};
  const Handle space(checked(H5Screate_simple(2, extent, nullptr), where, to_write), H5Sclose);
  const Handle creation = creation_properties(2, extent, where);
  return {where, new_dataset(id_, path, where, single ? H5T_IEEE_F32LE : H5T_IEEE_F64LE, space, creation)};
}

void File::write_attribute(const std::string& path, const std::string& name, double value) {
  const LibraryCall call;
  write_scalar_attribute(id_, path, name, describe(path) + "@" + name, H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE,
                         &value);
}

void File::write_attribute(const std::string& path, const std::string& name, std::int64_t value) {
  const LibraryCall call;
  write_scalar_attribute(id_, path, name, describe(path) + "@" + name, H5T_STD_I64LE, H5T_NATIVE_INT64,
                         &value);
}

void File::write_attribute(const std::string& path, const std::string& name, std::string_view text) {
  const LibraryCall call;
  const std::string where = describe(path) + "@" + name;
  const std::string copy = terminated(text, where);
  const char* const pointer = copy.c_str();
  const Handle type = text_type(where);
  write_scalar_attribute(id_, path, name, where, type, type, static_cast<const void*>(&pointer));
}

}  // namespace optex::hdf5
