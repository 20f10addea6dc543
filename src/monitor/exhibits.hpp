#pragma once

#include "optex/core/objective.hpp"
#include "optex/hdf5/file.hpp"

#include <string>
#include <vector>

namespace optex {

/// Writes exhibits as `group`/NAME, rows x columns, with the attributes name, kind, unit and truth. Names
/// that HDF5 does not take, or that are there already, are changed a little; the attribute keeps them.
void write_exhibits(hdf5::File& out, const std::string& group, const std::vector<Exhibit>& exhibits);

/// A link's name in HDF5, which takes "/" for the end of a group's name and "." for the group itself.
std::string link_name(const std::string& name);

}  // namespace optex
