#include "optex/data/survey.hpp"

#include "optex/core/errors.hpp"
#include "optex/core/packed.hpp"

#include <fmt/format.h>

namespace optex {
namespace {

template <class Archive, class Survey>
void fields(Archive& archive, Survey& survey) {
  auto& data = survey.description;
  archive(data.source, data.samples, data.features, data.classes, data.hash, survey.smallest_label,
          survey.label_step, survey.mean, survey.deviation, survey.vocabulary);
  archive.list(survey.shards, [&](auto& shard) { archive(shard.hash, shard.bytes); });
}

}  // namespace

SampleRange DataSurvey::samples_of(const ShardSpan& span) const {
  if (span.first >= span.end) return {};
  const auto count = std::ssize(shards);
  const Index first = shard_range(description.samples, count, span.first).first;
  return {first, shard_range(description.samples, count, span.end - 1).end() - first};
}

std::string to_bytes(const DataSurvey& survey) {
  Packer pack;
  fields(pack, survey);
  return pack.bytes();
}

DataSurvey survey_of(std::string_view bytes) {
  Unpacker unpack(bytes);
  DataSurvey survey;
  fields(unpack, survey);
  return survey;
}

void check_against(const DataSurvey& survey, Index shard, const std::string& hash) {
  if (survey.shards[static_cast<std::size_t>(shard)].hash == hash) return;
  throw IoError(fmt::format(
      "{}: the samples of shard {} are not those that rank 0 has read; all ranks must see the same "
      "file, and nobody may change it during a run",
      survey.description.source, shard));
}

}  // namespace optex
