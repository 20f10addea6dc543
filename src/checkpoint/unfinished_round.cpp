#include "optex/checkpoint/unfinished_round.hpp"

#include "optex/files/replacement_file.hpp"
#include "optex/hdf5/file.hpp"
#include "optex/hdf5/seal.hpp"

#include <utility>

#include <fcntl.h>
#include <fmt/format.h>

namespace optex {
namespace {

constexpr const char* round_format = "optex-unfinished-round";

/// Marks are any 64 bits; the file has signed integers.
std::int64_t as_signed(std::uint64_t mark) { return static_cast<std::int64_t>(mark); }

}  // namespace

void save_unfinished_round(const files::Place& file, std::int64_t iteration, const std::string& config_hash,
                           const std::vector<FinishedPoint>& finished) {
  const auto count = static_cast<Index>(finished.size());
  std::vector<std::int64_t> submissions, marks, counted;
  Vector values(count);
  for (Index k = 0; k < count; ++k) {
    const FinishedPoint& point = finished[static_cast<std::size_t>(k)];
    submissions.push_back(point.submission);
    marks.push_back(as_signed(point.mark));
    counted.push_back(point.evaluation.gradients);
    values[k] = point.evaluation.value;
  }
  files::ReplacementFile replacement(file);
  hdf5::File out = hdf5::File::create(replacement.content(), hdf5::seal_size);
  out.write_attribute("/", "format", round_format);
  out.write_attribute("/", "iteration", iteration);
  out.write_attribute("/", "config_hash", config_hash);
  out.write("/submission", submissions);
  out.write("/mark", marks);
  out.write("/gradients_counted", counted);
  out.write("/value", values);
  hdf5::Dataset rows = out.create_rows("/gradient", count, finished.front().evaluation.gradient.size());
  for (Index k = 0; k < count; ++k)
    rows.write_row(k, finished[static_cast<std::size_t>(k)].evaluation.gradient);
  rows.close();
  out.close();
  hdf5::seal(replacement.content());
  replacement.commit();
}

UnfinishedRound load_unfinished_round(const files::Place& file, std::int64_t iteration,
                                      const std::string& config_hash) {
  UnfinishedRound round;
  if (!file.exists()) return round;
  try {
    const files::Descriptor opened = file.open(O_RDONLY);
    const hdf5::SealCheck check = hdf5::check_seal(opened);
    if (check.state != hdf5::SealState::intact)
      throw IoError(fmt::format("{}: {}", file.string(), check.problem));
    const hdf5::File in = hdf5::File::open(opened);
    if (in.read_text_attribute("/", "format") != round_format)
      throw IoError(fmt::format("{}: holds no points of a round", file.string()));
    if (in.read_integer_attribute("/", "iteration") != iteration ||
        in.read_text_attribute("/", "config_hash") != config_hash)
      return round;
    const std::vector<std::int64_t> submissions = in.read_integers("/submission");
    const std::vector<std::int64_t> marks = in.read_integers("/mark");
    const std::vector<std::int64_t> counted = in.read_integers("/gradients_counted");
    const Vector values = in.read_vector("/value");
    const hdf5::Dataset rows = in.dataset("/gradient");
    for (std::size_t k = 0; k < submissions.size(); ++k) {
      const auto row = static_cast<Index>(k);
      FinishedPoint point{static_cast<Index>(submissions[k]), static_cast<std::uint64_t>(marks.at(k)), {}};
      point.evaluation.value = values[row];
      point.evaluation.gradients = static_cast<Index>(counted.at(k));
      point.evaluation.gradient.resize(rows.columns());
      rows.read_rows(row, 1, point.evaluation.gradient.data());
      round.finished.push_back(std::move(point));
    }
  } catch (const IoError& unusable) {
    round.finished.clear();
    round.problem = unusable.what();
  }
  return round;
}

void remove_unfinished_round(const files::Place& file) { file.remove(); }

}  // namespace optex
