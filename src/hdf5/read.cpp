#include "optex/hdf5/file.hpp"

#include <algorithm>
#include <cstring>

#include "library.hpp"
#include "stored_type.hpp"

namespace optex::hdf5 {

namespace {

const char* const to_read = "read";

[[noreturn]] void refuse_link(const std::string& where) {
  throw IoError(fmt::format("{}: a link into another file; copy it into this one (h5repack)", where));
}

std::string file_of(hid_t object) {
  const ssize_t length = H5Fget_name(object, nullptr, 0);
  if (length <= 0) return {};
  std::string name(static_cast<std::size_t>(length) + 1, '\0');
  H5Fget_name(object, name.data(), name.size());
  name.resize(static_cast<std::size_t>(length));
  return name;
}

/// A link may lead to another one that leads out of the file.
void require_same_file(hid_t object, hid_t file, const std::string& where) {
  if (file_of(object) != file_of(file)) refuse_link(where);
}

/// Asks link by link: HDF5 takes a missing group on the way for an error, not for "no". Throws IoError for a
/// link into another file: whoever sends us a file must not choose which others we read.
bool exists(hid_t file, const std::string& path, const std::string& where) {
  for (std::size_t end = path.find('/', 1);; end = path.find('/', end + 1)) {
    const std::string part = path.substr(0, end);
    if (part.empty() || part == "/") return path == "/";
    if (H5Lexists(file, part.c_str(), H5P_DEFAULT) <= 0) return false;
    H5L_info_t link{};
    if (H5Lget_info(file, part.c_str(), &link, H5P_DEFAULT) >= 0 && link.type == H5L_TYPE_EXTERNAL)
      refuse_link(where);
    if (H5Oexists_by_name(file, part.c_str(), H5P_DEFAULT) <= 0) return false;  // a link to nowhere
    if (end == std::string::npos) return true;
  }
}

/// Bytes of a chunk, which HDF5 unpacks whole; 0 without chunks.
double chunk_bytes(hid_t dataset, const std::string& where) {
  const Handle creation(checked(H5Dget_create_plist(dataset), where, to_read), H5Pclose);
  const Handle type(checked(H5Dget_type(dataset), where, to_read), H5Tclose);
  if (H5Pget_layout(creation) != H5D_CHUNKED) return 0.0;
  hsize_t extent[H5S_MAX_RANK];
  const int rank = checked(H5Pget_chunk(creation, H5S_MAX_RANK, extent), where, to_read);
  auto bytes = static_cast<double>(H5Tget_size(type));
  for (int i = 0; i < rank; ++i) bytes *= static_cast<double>(extent[i]);
  return bytes;
}

/// For memory_for(), of a size that may be any: one of no numbers is not held against the file.
std::uintmax_t piece_of(double bytes) {
  constexpr double most = 1e15;
  return static_cast<std::uintmax_t>(std::min(bytes, most));
}

/// A header may promise any size; what it promises must be backed by bytes in the file before memory is asked
/// for: at most what the whole file has, and with filters that compress, however many there are, 1032 times
/// as much (deflate's limit). The same for one chunk.
void require_backing(hid_t dataset, hid_t type, hid_t space, std::uintmax_t file_bytes,
                     const std::string& where) {
  const Handle creation(checked(H5Dget_create_plist(dataset), where, to_read), H5Pclose);
  const H5D_layout_t layout = H5Pget_layout(creation);
  if (layout == H5D_VIRTUAL || checked(H5Pget_external_count(creation), where, to_read) > 0)
    throw IoError(fmt::format("{}: its numbers lie in other files; copy them into one (h5repack)", where));
  const auto count = static_cast<double>(checked(H5Sget_simple_extent_npoints(space), where, to_read));
  double held = std::min(static_cast<double>(H5Dget_storage_size(dataset)), static_cast<double>(file_bytes));
  bool compressed = false;
  const int filters = checked(H5Pget_nfilters(creation), where, to_read);
  for (int i = 0; i < filters; ++i) {
    unsigned flags = 0, config = 0;
    std::size_t values = 0;
    const H5Z_filter_t filter = checked(
        H5Pget_filter2(creation, static_cast<unsigned>(i), &flags, &values, nullptr, 0, nullptr, &config),
        where, to_read);
    if (filter != H5Z_FILTER_FLETCHER32 && filter != H5Z_FILTER_SHUFFLE) compressed = true;
  }
  if (compressed) held *= 1032.0;
  const auto number_bytes = static_cast<double>(H5Tget_size(type));
  const double chunk = count > 0.0 ? chunk_bytes(dataset, where) : 0.0;
  if (std::max(count * number_bytes, chunk) > held)
    throw IoError(
        fmt::format("{}: incomplete: {} numbers are announced, the file does not hold them", where, count));
}

Handle open_numbers(hid_t file, const std::string& path, std::uintmax_t file_bytes, const std::string& where,
                    bool integers) {
  const Handle access = access_properties(where);
  Handle dataset(checked(H5Dopen2(file, path.c_str(), access), where, "open"), H5Dclose);
  require_same_file(dataset, file, where);
  const Handle type(checked(H5Dget_type(dataset), where, to_read), H5Tclose);
  if (!is_number(type) || (integers && H5Tget_class(type) != H5T_INTEGER))
    throw IoError(fmt::format("{}: its type is {}; wanted are {}", where, type_text(type),
                              integers ? "integers" : "numbers"));
  const Handle space(checked(H5Dget_space(dataset), where, to_read), H5Sclose);
  require_backing(dataset, type, space, file_bytes, where);
  return dataset;
}

void require_rank(hid_t space, int wanted, const std::string& where) {
  hsize_t extent[H5S_MAX_RANK];
  const int rank = checked(H5Sget_simple_extent_dims(space, extent, nullptr), where, to_read);
  const bool scalar = H5Sget_simple_extent_type(space) == H5S_SCALAR;
  if (rank != wanted || scalar != (wanted == 0))
    throw IoError(fmt::format("{}: its shape is {}; wanted is {}", where, shape_text(rank, extent),
                              wanted == 0 ? "a single value" : "1 dimension"));
}

template <typename Number>
Number read_scalar(hid_t file, const std::string& path, std::uintmax_t file_bytes, const std::string& where,
                   hid_t memory_type, bool integers) {
  const Handle dataset = open_numbers(file, path, file_bytes, where, integers);
  const Handle space(checked(H5Dget_space(dataset), where, to_read), H5Sclose);
  require_rank(space, 0, where);
  Number value{};
  checked(H5Dread(dataset, memory_type, H5S_ALL, H5S_ALL, H5P_DEFAULT, &value), where, to_read);
  return value;
}

/// One text, of variable or fixed length, from a dataset or an attribute.
template <typename Read>
std::string read_one_text(hid_t type, hid_t space, std::uintmax_t limit, const std::string& where,
                          Read read) {
  if (H5Tget_class(type) != H5T_STRING)
    throw IoError(fmt::format("{}: its type is {}; wanted is text", where, type_text(type)));
  if (checked(H5Sget_simple_extent_npoints(space), where, to_read) != 1)
    throw IoError(fmt::format("{}: wanted is a single text", where));
  const Handle memory_type(checked(H5Tcopy(H5T_C_S1), where, to_read), H5Tclose);
  checked(H5Tset_cset(memory_type, H5Tget_cset(type)), where, to_read);
  if (checked(H5Tis_variable_str(type), where, to_read) > 0) {
    checked(H5Tset_size(memory_type, H5T_VARIABLE), where, to_read);
    char* pointer = nullptr;
    checked(read(memory_type, static_cast<void*>(&pointer)), where, to_read);
    std::string text = pointer == nullptr ? "" : pointer;
    H5free_memory(pointer);
    return text;
  }
  const std::size_t length = H5Tget_size(type);
  if (length > limit) throw IoError(fmt::format("{}: incomplete: the text is longer than the file", where));
  const MemoryBound room(memory_for(length));
  std::string text(length + 1, '\0');
  checked(H5Tset_size(memory_type, length + 1), where, to_read);
  checked(read(memory_type, static_cast<void*>(text.data())), where, to_read);
  text.resize(std::strlen(text.c_str()));
  return text;
}

Handle open_attribute(hid_t file, const std::string& path, const std::string& name,
                      const std::string& where) {
  return {checked(H5Aopen_by_name(file, path.c_str(), name.c_str(), H5P_DEFAULT, H5P_DEFAULT), where, "open"),
          H5Aclose};
}

template <typename Number>
Number read_number_attribute(hid_t file, const std::string& path, const std::string& name,
                             const std::string& where, hid_t memory_type) {
  const Handle attribute = open_attribute(file, path, name, where);
  const Handle type(checked(H5Aget_type(attribute), where, to_read), H5Tclose);
  const Handle space(checked(H5Aget_space(attribute), where, to_read), H5Sclose);
  if (!is_number(type) || checked(H5Sget_simple_extent_npoints(space), where, to_read) != 1)
    throw IoError(fmt::format("{}: its type is {}; wanted is a single number", where, type_text(type)));
  Number value{};
  checked(H5Aread(attribute, memory_type, &value), where, to_read);
  return value;
}

}  // namespace

bool File::contains(const std::string& path) const {
  const ReadingCall call;
  return exists(id_, path, describe(path));
}

Dataset File::dataset(const std::string& path) const {
  const ReadingCall call;
  if (!exists(id_, path, describe(path))) fail_missing(path);
  Handle dataset = open_numbers(id_, path, size_, describe(path), false);
  const std::uintmax_t chunk = piece_of(chunk_bytes(dataset, describe(path)));
  return {describe(path), std::move(dataset), chunk};
}

double File::read_double(const std::string& path) const {
  const ReadingCall call;
  if (!exists(id_, path, describe(path))) fail_missing(path);
  return read_scalar<double>(id_, path, size_, describe(path), H5T_NATIVE_DOUBLE, false);
}

std::int64_t File::read_integer(const std::string& path) const {
  const ReadingCall call;
  if (!exists(id_, path, describe(path))) fail_missing(path);
  return read_scalar<std::int64_t>(id_, path, size_, describe(path), H5T_NATIVE_INT64, true);
}

std::string File::read_text(const std::string& path) const {
  const ReadingCall call;
  const std::string where = describe(path);
  if (!exists(id_, path, describe(path))) fail_missing(path);
  const Handle dataset(checked(H5Dopen2(id_, path.c_str(), H5P_DEFAULT), where, "open"), H5Dclose);
  require_same_file(dataset, id_, where);
  const Handle type(checked(H5Dget_type(dataset), where, to_read), H5Tclose);
  const Handle space(checked(H5Dget_space(dataset), where, to_read), H5Sclose);
  return read_one_text(type, space, size_, where, [&](hid_t memory_type, void* out) {
    return H5Dread(dataset, memory_type, H5S_ALL, H5S_ALL, H5P_DEFAULT, out);
  });
}

Vector File::read_vector(const std::string& path) const {
  const Dataset values = dataset(path);
  if (values.rank() != 1)
    throw IoError(fmt::format("{}: its shape is {} x {}; wanted is 1 dimension", values.name(), values.rows(),
                              values.columns()));
  Vector out(values.rows());
  values.read_rows(0, values.rows(), out.data());
  return out;
}

std::vector<std::int64_t> File::read_integers(const std::string& path) const {
  const ReadingCall call;
  const std::string where = describe(path);
  if (!exists(id_, path, describe(path))) fail_missing(path);
  const Handle dataset = open_numbers(id_, path, size_, where, true);
  const Handle space(checked(H5Dget_space(dataset), where, to_read), H5Sclose);
  require_rank(space, 1, where);
  const auto count = static_cast<std::size_t>(checked(H5Sget_simple_extent_npoints(space), where, to_read));
  const double bytes = std::max(chunk_bytes(dataset, where), 8.0 * static_cast<double>(count));
  const MemoryBound room(memory_for(piece_of(bytes)));
  std::vector<std::int64_t> out(count);
  if (!out.empty())
    checked(H5Dread(dataset, H5T_NATIVE_INT64, H5S_ALL, H5S_ALL, H5P_DEFAULT, out.data()), where, to_read);
  return out;
}

bool File::has_attribute(const std::string& path, const std::string& name) const {
  const ReadingCall call;
  return exists(id_, path, describe(path)) &&
         H5Aexists_by_name(id_, path.c_str(), name.c_str(), H5P_DEFAULT) > 0;
}

double File::read_double_attribute(const std::string& path, const std::string& name) const {
  const ReadingCall call;
  return read_number_attribute<double>(id_, path, name, describe(path) + "@" + name, H5T_NATIVE_DOUBLE);
}

std::int64_t File::read_integer_attribute(const std::string& path, const std::string& name) const {
  const ReadingCall call;
  return read_number_attribute<std::int64_t>(id_, path, name, describe(path) + "@" + name, H5T_NATIVE_INT64);
}

std::string File::read_text_attribute(const std::string& path, const std::string& name) const {
  const ReadingCall call;
  const std::string where = describe(path) + "@" + name;
  const Handle attribute = open_attribute(id_, path, name, where);
  const Handle type(checked(H5Aget_type(attribute), where, to_read), H5Tclose);
  const Handle space(checked(H5Aget_space(attribute), where, to_read), H5Sclose);
  return read_one_text(type, space, size_, where,
                       [&](hid_t memory_type, void* out) { return H5Aread(attribute, memory_type, out); });
}

}  // namespace optex::hdf5
