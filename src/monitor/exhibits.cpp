#include "exhibits.hpp"

#include "optex/core/printable.hpp"

#include <algorithm>
#include <set>

namespace optex {

std::string link_name(const std::string& name) {
  std::string valid = name;
  std::replace(valid.begin(), valid.end(), '/', '_');
  std::replace(valid.begin(), valid.end(), '\0', '_');
  if (valid.find_first_not_of('.') == std::string::npos) valid += "_";
  return valid;
}

void write_exhibits(hdf5::File& out, const std::string& group, const std::vector<Exhibit>& exhibits) {
  std::set<std::string> taken;
  for (const Exhibit& exhibit : exhibits) {
    std::string path = group + "/" + link_name(printable(exhibit.name, most_of_a_name));
    while (!taken.insert(path).second) path += "_";
    hdf5::Dataset rows = out.create_rows(path, exhibit.rows, exhibit.columns);
    for (Index row = 0; row < exhibit.rows; ++row)
      rows.write_row(row, exhibit.values.segment(row * exhibit.columns, exhibit.columns));
    rows.close();
    out.write_attribute(path, "name", printable(exhibit.name, most_of_a_name));
    out.write_attribute(path, "kind", name_of(exhibit.kind));
    out.write_attribute(path, "unit", printable(exhibit.unit, most_of_a_name));
    out.write_attribute(path, "truth", printable(exhibit.truth, most_of_a_name));
  }
}

}  // namespace optex
