#include "optex/hdf5/file.hpp"

#include "library.hpp"
#include "stored_type.hpp"
#include <fmt/ranges.h>

namespace optex::hdf5 {

namespace {

struct Listing {
  std::vector<Entry> entries;
  std::size_t limit;
};

herr_t take_entry(hid_t root, const char* name, const H5L_info_t*, void* out) {
  Listing& listing = *static_cast<Listing*>(out);
  if (listing.entries.size() >= listing.limit) return 1;  // enough
  Entry entry{std::string("/") + name, "other", {}};
  H5L_info_t link{};
  const bool leads_out = H5Lget_info(root, name, &link, H5P_DEFAULT) >= 0 && link.type == H5L_TYPE_EXTERNAL;
  const hid_t id = leads_out ? H5I_INVALID_HID : H5Oopen(root, name, H5P_DEFAULT);
  if (id >= 0) {
    const Handle object(id, H5Oclose);
    if (H5Iget_type(object) == H5I_GROUP) entry.type = "group";
    if (H5Iget_type(object) == H5I_DATASET) {
      const Handle type(H5Dget_type(object), H5Tclose);
      const Handle space(H5Dget_space(object), H5Sclose);
      hsize_t extent[H5S_MAX_RANK];
      const int rank = H5Sget_simple_extent_dims(space, extent, nullptr);
      for (int i = 0; i < rank; ++i) entry.extent.push_back(static_cast<Index>(extent[i]));
      entry.type = type_text(type);
    }
  }
  listing.entries.push_back(std::move(entry));
  return 0;
}

}  // namespace

std::vector<Entry> File::entries(std::size_t limit) const {
  const ReadingCall call;
  Listing listing{{}, limit};
  checked(H5Lvisit(id_, H5_INDEX_NAME, H5_ITER_INC, take_entry, &listing), path_.string(), "list");
  return std::move(listing.entries);
}

void File::fail_missing(const std::string& path) const {
  std::vector<std::string> there;
  constexpr std::size_t most = 12;
  for (const Entry& entry : entries(200)) {
    if (entry.type == "group") continue;
    if (there.size() == most) {
      there.emplace_back("...");
      break;
    }
    there.push_back(fmt::format("{} ({}{}{})", entry.path, entry.type, entry.extent.empty() ? "" : " ",
                                fmt::join(entry.extent, " x ")));
  }
  throw IoError(
      fmt::format("{}: no dataset {}; it holds {}", path_.string(), path,
                  there.empty() ? "no datasets at all" : fmt::format("{}", fmt::join(there, ", "))));
}

}  // namespace optex::hdf5
