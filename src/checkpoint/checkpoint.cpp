#include "optex/checkpoint/checkpoint.hpp"

#include "optex/checkpoint/long_fields.hpp"
#include "optex/checkpoint/state_fields.hpp"
#include "optex/files/replacement_file.hpp"
#include "optex/hdf5/file.hpp"
#include "optex/hdf5/seal.hpp"

#include <set>
#include <sstream>

#include "field_reader.hpp"
#include "field_writer.hpp"
#include "run_fields.hpp"
#include "sliced_fields.hpp"
#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace optex {

namespace {

/// The hash starts with what the root says about the file, so that the attributes are protected as well.
PayloadHash hash_of_header(const CheckpointHeader& header) {
  PayloadHash hash;
  hash.add("/", "header", {},
           content_hash(fmt::format("{} {} {} {} {}", checkpoint_format, header.format_version,
                                    header.iteration, header.dimension, header.config_hash)));
  return hash;
}

struct DropLong {
  template <class Short>
  void operator()(const std::string&, Short&) const {}
  void operator()(const std::string& path, Vector& values) const {
    if (is_long(path)) values.resize(0);
  }
  void operator()(const std::string& path, Matrix& values) const {
    if (is_long(path)) values.resize(0, 0);
  }
  void operator()(const std::string& path, std::vector<Vector>& rows) const {
    if (is_long(path)) rows.clear();
  }
};

/// Errors of the file's content below become "damaged": another checkpoint may do. A file that cannot be read
/// just now is not damaged.
template <typename Read>
auto reading(const files::Place& file, Read read) {
  try {
    return read();
  } catch (const files::SystemError&) {
    throw;
  } catch (const hdf5::OutOfMemory& error) {
    throw CheckpointError(error.what());
  } catch (const IoError& error) {
    throw DamagedCheckpointError(error.what());
  } catch (const std::bad_alloc&) {
    throw CheckpointError(fmt::format("{}: not enough memory to read it", file.string()));
  }
}

hdf5::File open_sealed(const files::Place& place) {
  const files::Descriptor file = place.open(O_RDONLY);
  const hdf5::SealCheck check = hdf5::check_seal(file);
  if (check.state != hdf5::SealState::intact)
    throw DamagedCheckpointError(fmt::format("{}: {}", place.string(), check.problem));
  return hdf5::File::open(file);
}

CheckpointHeader read_header(const hdf5::File& file) {
  const std::string name = file.path().string();
  if (!file.has_attribute("/", "format") || file.read_text_attribute("/", "format") != checkpoint_format)
    throw DamagedCheckpointError(fmt::format("{}: not a checkpoint", name));
  CheckpointHeader header;
  header.format_version = file.read_integer_attribute("/", "format_version");
  if (header.format_version != checkpoint_version)
    throw CheckpointError(fmt::format("{}: its format is version {}, this program reads version {}", name,
                                      header.format_version, checkpoint_version));
  header.iteration = file.read_integer_attribute("/", "iteration");
  header.dimension = file.read_integer_attribute("/", "dimension");
  header.config_hash = file.read_text_attribute("/", "config_hash");
  header.payload_hash = file.read_text_attribute("/", "payload_hash");
  return header;
}

Checkpoint read_fields(const hdf5::File& file, const CheckpointHeader& header,
                       std::optional<Index> history_capacity, CoordinateSlices* slices = nullptr) {
  Checkpoint checkpoint;
  FieldReader read(file, hash_of_header(header), history_capacity, slices);
  visit_run_fields(checkpoint.run, read);
  visit_fields(checkpoint.state, read);
  checkpoint.run.config_hash = header.config_hash;
  if (slices != nullptr) share_short_fields(checkpoint.state, *slices);
  const RunState& state = checkpoint.state;
  const Index here = slices == nullptr ? header.dimension : slices->mine().size;
  const OutstandingPoints& late = state.outstanding;
  const bool late_fit = late.thetas.cols() == late.count() && late.iterations.size() == late.count() &&
                        (late.count() == 0 || late.thetas.rows() == here);
  const bool fits = late_fit && state.iteration == header.iteration && state.theta.size() == here &&
                    state.optimizer.moments.rows() == here &&
                    (state.history.capacity() == 0 || state.history.dimension() == here) &&
                    state.secants.diagonal.is_whole(here) &&
                    (!state.surrogate.begun() || (*state.surrogate).has_its_prior(here));
  if (read.payload_hash() != header.payload_hash || !fits)
    throw DamagedCheckpointError(
        fmt::format("{}: its content is not what was written (payload_hash)", file.path().string()));
  return checkpoint;
}

/// "KEY HASH" of a line "KEY = FILE HASH": where the file is does not matter.
std::string without_place(const std::string& line) {
  return line.substr(0, line.find(' ')) + line.substr(line.rfind(' '));
}

/// The keys of the lines of `stored` whose content is not that of `here`.
std::vector<std::string> changed_keys(const std::string& stored, const std::string& here) {
  std::set<std::string> known;
  std::istringstream lines_here(here);
  for (std::string line; std::getline(lines_here, line);) known.insert(without_place(line));
  std::vector<std::string> keys;
  std::istringstream lines(stored);
  for (std::string line; std::getline(lines, line);)
    if (!line.starts_with('#') && !known.contains(without_place(line)))
      keys.push_back(line.substr(0, line.rfind(' ')));
  return keys;
}

/// The settings are the same; so must be what they stand for.
void require_same_files(const hdf5::File& file, const Expectation& expected) {
  const std::string name = file.path().string();
  const std::string hash = file.read_text("/data/hash");
  if (hash != expected.data_hash)
    throw CheckpointError(fmt::format(
        "{}: it was made with other data ({} with hash {} there, {} here); bring them back, or start "
        "anew",
        name, file.read_text("/data/source"), hash,
        expected.data_hash.empty() ? "none" : expected.data_hash));
  std::vector<std::string> changed = changed_keys(file.read_text("/files/hashes"), expected.coordinate_files);
  std::erase_if(changed, [&](const std::string& key) { return expected.accepted.contains(key); });
  if (changed == std::vector<std::string>{"problem.library"})
    throw CheckpointError(
        fmt::format("{}: it was made with another file as problem.library; bring that back, or, if this one "
                    "computes the same function, go on with --accept-library",
                    name));
  if (!changed.empty())
    throw CheckpointError(
        fmt::format("{}: it was made with other content in the file of {}; bring that back, or start anew",
                    name, fmt::join(changed, ", ")));
}

/// No other rule of older versions kept a history and the gradient at the best point.
bool is_of_two_track(const hdf5::File& file) {
  return file.contains("/state/scout_share") && file.read_integer("/history/capacity") > 0 &&
         file.read_vector("/state/best_gradient").size() > 0;
}

void require(const hdf5::File& file, const CheckpointHeader& header, const Expectation& expected) {
  const std::string name = file.path().string();
  if (header.dimension != expected.dimension)
    throw CheckpointError(fmt::format("{}: it is for {} parameters, this problem has {}", name,
                                      header.dimension, expected.dimension));
  if (is_of_two_track(file))
    throw CheckpointError(
        fmt::format("{}: it was made by method.update = \"two_track\", which is gone; start anew with "
                    "\"surrogate\" or \"auto\" from its theta (problem.initial = \"{}:/state/theta\")",
                    name, name));
  std::string differences = header.config_hash == expected.config_hash ? "" : "config_hash differs";
  if (!differences.empty() && expected.differences)
    differences = expected.differences(file.read_text("/config"), file.read_text("/files/hashes"));
  if (differences.empty()) return require_same_files(file, expected);
  throw CheckpointError(
      fmt::format("{}: it was made with other settings ({}); resume with the stored ones (optex resume DIR), "
                  "or start anew",
                  name, differences));
}

}  // namespace

void save_checkpoint(const files::Place& file, const RunState& state, const RunDescription& run,
                     CoordinateSlices* slices) {
  files::ReplacementFile replacement(file);
  hdf5::File out = hdf5::File::create(replacement.content(), hdf5::seal_size);
  const Index dimension = slices == nullptr ? state.theta.size() : slices->whole();
  CheckpointHeader header{checkpoint_version, state.iteration, dimension, run.config_hash, ""};
  out.write_attribute("/", "format", checkpoint_format);
  out.write_attribute("/", "format_version", header.format_version);
  out.write_attribute("/", "iteration", header.iteration);
  out.write_attribute("/", "dimension", std::int64_t{header.dimension});
  out.write_attribute("/", "config_hash", header.config_hash);
  FieldWriter write(out, hash_of_header(header), slices);
  visit_run_fields(run, write);
  if (slices != nullptr) slices->call(JointStep::save);
  visit_fields(state, write);
  write.finish();
  out.write_attribute("/", "payload_hash", write.payload_hash());
  out.close();
  hdf5::seal(replacement.content());
  replacement.commit();
}

Checkpoint load_checkpoint(const files::Place& file, const Expectation& expected, CoordinateSlices* slices) {
  return reading(file, [&] {
    const hdf5::File in = open_sealed(file);
    const CheckpointHeader header = read_header(in);
    require(in, header, expected);
    if (slices != nullptr) slices->call(JointStep::restore);
    return read_fields(in, header, expected.history_capacity, slices);
  });
}

CheckpointHeader verify_checkpoint(const files::Place& file) {
  return reading(file, [&] {
    const hdf5::File in = open_sealed(file);
    CheckpointHeader header = read_header(in);
    read_fields(in, header, std::nullopt);
    return header;
  });
}

Checkpoint examine_checkpoint(const files::Place& file, const Expectation& expected) {
  return reading(file, [&] {
    const hdf5::File in = open_sealed(file);
    const CheckpointHeader header = read_header(in);
    require(in, header, expected);
    Checkpoint checkpoint = read_fields(in, header, std::nullopt);
    DropLong drop;
    visit_fields(checkpoint.state, drop);
    return checkpoint;
  });
}

}  // namespace optex
