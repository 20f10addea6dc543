#include "asked_round.hpp"

#include "optex/core/errors.hpp"
#include "optex/hdf5/file.hpp"
#include "optex/hdf5/replacement_file.hpp"

#include <fstream>
#include <iterator>
#include <span>
#include <system_error>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace optex::app {
namespace {

namespace fs = std::filesystem;

constexpr const char* facts_name = "round.json";
constexpr std::int64_t most_of_anything = std::int64_t{1} << 48;

std::string text_of_file(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

template <class Value>
std::vector<std::int64_t> column(const std::vector<Question>& questions, Value value) {
  std::vector<std::int64_t> numbers;
  for (const Question& question : questions) numbers.push_back(static_cast<std::int64_t>(value(question)));
  return numbers;
}

}  // namespace

std::optional<AskedRound::Facts> AskedRound::facts() const {
  const fs::path file = folder_ / facts_name;
  if (!fs::exists(file)) return std::nullopt;
  try {
    const auto json = nlohmann::json::parse(text_of_file(file));
    Facts facts;
    const auto count = [&json, &file](const char* name) {
      const auto& value = json.at(name);
      if (!value.is_number_integer() || value < 0 || value > most_of_anything)
        throw IoError(fmt::format("{}: is damaged: {} is no count", file.string(), name));
      return value.get<std::int64_t>();
    };
    facts.round = count("round");
    facts.dimension = count("dimension");
    facts.points = count("points");
    facts.ending = json.at("ending");
    facts.format = json.at("format") == "raw" ? QuestionFormat::raw : QuestionFormat::hdf5;
    return facts;
  } catch (const nlohmann::json::exception&) {
    throw IoError(fmt::format("{}: is damaged: not what optex ask writes", file.string()));
  }
}

fs::path AskedRound::question_file(QuestionFormat format, Index number) const {
  return folder_ / (format == QuestionFormat::raw ? fmt::format("point-{}.theta", number) : "questions.h5");
}

fs::path AskedRound::answer_file(std::int64_t round, Index number) const {
  return folder_ / fmt::format("answer-{}-{}.h5", round, number);
}

bool AskedRound::is_answered(std::int64_t round, Index number) const {
  return fs::exists(answer_file(round, number));
}

Index AskedRound::answered(std::int64_t round) const {
  const std::string prefix = fmt::format("answer-{}-", round);
  Index count = 0;
  std::error_code ignored;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder_, ignored)) {
    const std::string name = entry.path().filename().string();
    count += name.starts_with(prefix) && name.ends_with(".h5") ? 1 : 0;
  }
  return count;
}

void AskedRound::write(const Facts& facts, const std::vector<Question>& open) const {
  std::error_code error;
  fs::create_directory(folder_, error);
  if (fs::symlink_status(folder_).type() != fs::file_type::directory)
    throw IoError(fmt::format("{}: a real folder is needed here", folder_.string()));
  if (!open.empty()) {
    if (facts.format == QuestionFormat::raw)
      write_raw(open);
    else
      write_hdf5(open);
  }
  const nlohmann::ordered_json json = {{"round", facts.round},
                                       {"dimension", facts.dimension},
                                       {"points", facts.points},
                                       {"ending", facts.ending},
                                       {"format", facts.format == QuestionFormat::raw ? "raw" : "hdf5"}};
  hdf5::replace_text(folder_ / facts_name, json.dump() + "\n");
}

void AskedRound::write_hdf5(const std::vector<Question>& open) const {
  hdf5::ReplacementFile replacement(question_file(QuestionFormat::hdf5, 0));
  hdf5::File out = hdf5::File::create(replacement.temporary());
  const auto write = [&](const std::string& path, auto value) {
    const std::vector<std::int64_t> numbers = column(open, value);
    out.write(path, std::span<const std::int64_t>(numbers));
  };
  write("/number", [](const Question& q) { return q.number; });
  write("/key/seed", [](const Question& q) { return q.key.seed; });
  write("/key/iteration", [](const Question& q) { return q.key.iteration; });
  write("/key/point", [](const Question& q) { return q.key.point; });
  write("/key/batch", [](const Question& q) { return q.key.batch; });
  write("/key/whole", [](const Question& q) { return q.key.whole ? 1 : 0; });
  hdf5::Dataset rows = out.create_rows("/theta", static_cast<Index>(open.size()), open.front().theta.size());
  for (std::size_t i = 0; i < open.size(); ++i) rows.write_row(static_cast<Index>(i), open[i].theta);
  rows.close();
  out.close();
  replacement.commit();
}

void AskedRound::write_raw(const std::vector<Question>& open) const {
  for (const Question& question : open) {
    hdf5::ReplacementFile replacement(question_file(QuestionFormat::raw, question.number));
    std::ofstream out(replacement.temporary(), std::ios::binary);
    out.write(reinterpret_cast<const char*>(question.theta.data()),
              static_cast<std::streamsize>(sizeof(double)) * question.theta.size());
    out.close();
    if (!out) throw IoError(fmt::format("{}: cannot be written", replacement.temporary().string()));
    replacement.commit();
  }
}

void AskedRound::write_answer(std::int64_t round, Index number, const Evaluation& answer) const {
  hdf5::ReplacementFile replacement(answer_file(round, number));
  hdf5::File out = hdf5::File::create(replacement.temporary());
  if (answer.failed()) {
    out.write("/failure", std::string_view(answer.failure));
  } else {
    out.write("/value", answer.value);
    out.write("/gradient", answer.gradient);
  }
  out.close();
  replacement.commit();
}

std::optional<Evaluation> AskedRound::read_answer(std::int64_t round, Index number) const {
  if (!is_answered(round, number)) return std::nullopt;
  const hdf5::File in = hdf5::File::open(answer_file(round, number));
  Evaluation answer;
  if (in.contains("/failure")) {
    answer.failure = in.read_text("/failure");
  } else {
    answer.value = in.read_double("/value");
    answer.gradient = in.read_vector("/gradient");
  }
  return answer;
}

void AskedRound::clear() const {
  std::error_code ignored;
  if (fs::symlink_status(folder_, ignored).type() != fs::file_type::directory) return;
  // The facts first: what is left after a crash in here is no round.
  fs::remove(folder_ / facts_name, ignored);
  std::vector<fs::path> files;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder_)) {
    const std::string name = entry.path().filename().string();
    if (name == "questions.h5" || name.starts_with("point-") || name.starts_with("answer-"))
      files.push_back(entry.path());
  }
  for (const fs::path& file : files) fs::remove(file, ignored);
}

}  // namespace optex::app
