#include "made_up_hdf5.hpp"

#include <array>
#include <cstring>
#include <vector>

#include <hdf5.h>

namespace optex::fuzz {
namespace {

/// An extent: small, or a claim that nothing can back.
hsize_t extent_from(Bites& input) {
  const std::uint8_t byte = input.byte();
  return byte < 0xF0 ? byte % 16U : hsize_t{1} << (byte - 0xF0U) * 4U;
}

hid_t type_from(std::uint8_t byte) {
  switch (byte % 12) {
    case 0:
    case 1:
      return H5Tcopy(H5T_NATIVE_DOUBLE);
    case 2:
    case 3:
      return H5Tcopy(H5T_NATIVE_INT64);
    case 4:
      return H5Tcopy(H5T_NATIVE_FLOAT);
    case 5:
      return H5Tcopy(H5T_STD_U8BE);
    case 6: {
      const hid_t type = H5Tcopy(H5T_C_S1);
      H5Tset_size(type, H5T_VARIABLE);
      return type;
    }
    case 7: {
      const hid_t type = H5Tcopy(H5T_C_S1);
      H5Tset_size(type, 1U + byte);
      H5Tset_cset(type, H5T_CSET_UTF8);
      return type;
    }
    case 8: {
      const hid_t type = H5Tcreate(H5T_COMPOUND, 16);
      H5Tinsert(type, "x", 0, H5T_NATIVE_DOUBLE);
      return type;
    }
    case 9: {
      const hid_t type = H5Tcopy(H5T_NATIVE_DOUBLE);
      H5Tset_order(type, H5T_ORDER_BE);
      return type;
    }
    case 10:
      return H5Tvlen_create(H5T_NATIVE_DOUBLE);
    default: {
      const hsize_t three = 3;
      return H5Tarray_create2(H5T_NATIVE_DOUBLE, 1, &three);
    }
  }
}

bool holds_pointers(hid_t type) { return H5Tis_variable_str(type) > 0 || H5Tget_class(type) == H5T_VLEN; }

struct Shape {
  hid_t space = H5I_INVALID_HID;
  hsize_t count = 1;  // 0: none, or too many to be written
  int rank = 0;
  std::array<hsize_t, 3> extent{};
};

Shape shape_from(Bites& input) {
  constexpr hsize_t most = 4096;
  Shape shape;
  const std::uint8_t kind = input.byte();
  shape.rank = kind % 4;
  if (kind == 0xFF) {
    shape.space = H5Screate(H5S_NULL);
    shape.count = 0;
    return shape;
  }
  for (int i = 0; i < shape.rank; ++i) {
    shape.extent[static_cast<std::size_t>(i)] = extent_from(input);
    const hsize_t length = shape.extent[static_cast<std::size_t>(i)];
    shape.count = length == 0 || shape.count > most / length ? 0 : shape.count * length;
  }
  shape.space =
      shape.rank == 0 ? H5Screate(H5S_SCALAR) : H5Screate_simple(shape.rank, shape.extent.data(), nullptr);
  return shape;
}

/// What is written: the input's next bytes, over and over.
std::vector<char> content(std::size_t bytes, Bites& input) {
  std::vector<char> out(bytes, '\0');
  const std::string_view pattern = input.some(input.byte() % 64U);
  for (std::size_t i = 0; !pattern.empty() && i < bytes; ++i) out[i] = pattern[i % pattern.size()];
  return out;
}

void put_dataset(hid_t file, const std::string& path, Bites& input) {
  const std::uint8_t layout = input.byte();
  const hid_t type = type_from(input.byte());
  const Shape shape = shape_from(input);
  const hid_t links = H5Pcreate(H5P_LINK_CREATE);
  H5Pset_create_intermediate_group(links, 1);
  const hid_t creation = H5Pcreate(H5P_DATASET_CREATE);
  if (layout % 4 == 1 && shape.rank > 0 && shape.count > 0) {
    H5Pset_chunk(creation, shape.rank, shape.extent.data());
    if ((layout & 4U) != 0) H5Pset_shuffle(creation);
    if ((layout & 8U) != 0) H5Pset_deflate(creation, 1);
    if ((layout & 16U) != 0) H5Pset_fletcher32(creation);
  } else if (layout % 4 == 2 && shape.rank > 0) {  // chunks that are never written: any extent costs nothing
    const std::array<hsize_t, 3> ones{1, 1, 1};
    H5Pset_chunk(creation, shape.rank, ones.data());
    if ((layout & 8U) != 0) H5Pset_deflate(creation, 1);
  } else if (layout % 4 == 3) {  // contiguous and late: no storage is made for a claim
    H5Pset_alloc_time(creation, H5D_ALLOC_TIME_LATE);
    if ((layout & 4U) != 0 && shape.rank == 1) H5Pset_external(creation, "elsewhere.bin", 0, H5F_UNLIMITED);
  }
  const hid_t dataset = H5Dcreate2(file, path.c_str(), type, shape.space, links, creation, H5P_DEFAULT);
  if (dataset >= 0 && shape.count > 0 && layout % 4 < 2 && H5Tget_size(type) <= 512) {
    if (!holds_pointers(type)) {
      const std::vector<char> bytes = content(shape.count * H5Tget_size(type), input);
      H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, bytes.data());
    } else if (H5Tis_variable_str(type) > 0) {
      std::string text(input.until('\0').substr(0, 200));
      const std::vector<const char*> texts(shape.count, text.c_str());
      H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, texts.data());
    }
  }
  H5Dclose(dataset);
  H5Pclose(creation);
  H5Pclose(links);
  H5Sclose(shape.space);
  H5Tclose(type);
}

void put_attribute(hid_t file, const std::string& path, const char* name, Bites& input) {
  H5Adelete_by_name(file, path.c_str(), name, H5P_DEFAULT);
  const hid_t type = type_from(input.byte());
  const Shape shape = shape_from(input);
  const hid_t attribute = shape.count == 0 ? H5I_INVALID_HID
                                           : H5Acreate_by_name(file, path.c_str(), name, type, shape.space,
                                                               H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
  if (attribute >= 0 && !holds_pointers(type)) {
    const std::vector<char> bytes = content(shape.count * H5Tget_size(type), input);
    H5Awrite(attribute, type, bytes.data());
  }
  H5Aclose(attribute);
  H5Sclose(shape.space);
  H5Tclose(type);
}

void change_object(hid_t file, const std::vector<std::string>& paths, Bites& input) {
  const std::uint8_t change = input.byte();
  const std::string& path = paths[input.byte() % paths.size()];
  const char* const attributes[] = {"format",      "format_version", "iteration", "dimension",
                                    "config_hash", "payload_hash",   "status",    "reason"};
  if (change % 8 == 6) {
    put_attribute(file, "/", attributes[input.byte() % std::size(attributes)], input);
    return;
  }
  H5Ldelete(file, path.c_str(), H5P_DEFAULT);
  const hid_t links = H5Pcreate(H5P_LINK_CREATE);
  H5Pset_create_intermediate_group(links, 1);
  switch (change % 8) {
    case 5:
      break;  // it is just gone
    case 7:
      if ((change & 8U) != 0)
        H5Lcreate_soft(path.c_str(), file, path.c_str(), links, H5P_DEFAULT);  // in a circle
      else if ((change & 16U) != 0)
        H5Lcreate_external("/dev/null", "/", file, path.c_str(), links, H5P_DEFAULT);
      else
        H5Gclose(H5Gcreate2(file, path.c_str(), links, H5P_DEFAULT, H5P_DEFAULT));
      break;
    default:
      put_dataset(file, path, input);
  }
  H5Pclose(links);
}

void change_all(hid_t file, const std::vector<std::string>& paths, Bites& input) {
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
  constexpr int most = 16;
  for (int i = 0; i < most && !input.empty(); ++i) change_object(file, paths, input);
  H5Fclose(file);
}

/// Before the library's first call, as in hdf5/library.cpp: it clears up after damaged files at exit, and
/// crashes.
void leave_no_work_for_exit() {
  static const herr_t no_clearing_up_at_exit = H5dont_atexit();
  static_cast<void>(no_clearing_up_at_exit);
}

}  // namespace

void change_hdf5(const std::filesystem::path& file, const std::vector<std::string>& paths, Bites& input) {
  leave_no_work_for_exit();
  const hid_t id = H5Fopen(file.c_str(), H5F_ACC_RDWR, H5P_DEFAULT);
  require(id >= 0, "the file that is to be changed opens");
  change_all(id, paths, input);
}

void make_hdf5(const std::filesystem::path& file, const std::vector<std::string>& paths, Bites& input) {
  leave_no_work_for_exit();
  const hid_t id = H5Fcreate(file.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  require(id >= 0, "a new file can be made");
  change_all(id, paths, input);
}

}  // namespace optex::fuzz
