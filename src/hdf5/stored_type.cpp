#include "stored_type.hpp"

#include <string_view>

#include <fmt/format.h>

namespace optex::hdf5 {

namespace {

/// As h5py keeps numpy's booleans: an enumeration of two.
bool is_boolean(hid_t type) {
  if (H5Tget_class(type) != H5T_ENUM || H5Tget_nmembers(type) != 2) return false;
  char* const name = H5Tget_member_name(type, 0);
  const bool named = name != nullptr && std::string_view(name) == "FALSE";
  H5free_memory(name);
  return named;
}

}  // namespace

bool is_number(hid_t type) {
  const H5T_class_t kind = H5Tget_class(type);
  return kind == H5T_INTEGER || kind == H5T_FLOAT || is_boolean(type);
}

std::string type_text(hid_t type) {
  const auto bits = 8 * H5Tget_size(type);
  switch (H5Tget_class(type)) {
    case H5T_INTEGER:
      return fmt::format("{}int{}", H5Tget_sign(type) == H5T_SGN_NONE ? "u" : "", bits);
    case H5T_FLOAT:
      return fmt::format("float{}", bits);
    case H5T_STRING:
      return "string";
    case H5T_COMPOUND:
      return "compound";
    case H5T_ENUM:
      return is_boolean(type) ? "bool" : "enumeration";
    default:
      return "other";
  }
}

}  // namespace optex::hdf5
