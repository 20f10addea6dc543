#pragma once

#include <string>

#include <hdf5.h>

/// What the numbers of a dataset or attribute are stored as.
namespace optex::hdf5 {

/// Integers, floating point numbers, or booleans as h5py keeps them.
bool is_number(hid_t type);

/// "float64", "int32", "string", "bool", ...
std::string type_text(hid_t type);

}  // namespace optex::hdf5
