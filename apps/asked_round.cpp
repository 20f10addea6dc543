#include "asked_round.hpp"

#include "optex/core/errors.hpp"
#include "optex/files/reading.hpp"
#include "optex/files/replacement_file.hpp"
#include "optex/hdf5/file.hpp"

#include <span>

#include <fcntl.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace optex::app {
namespace {

namespace fs = std::filesystem;

constexpr const char* facts_name = "round.json";
constexpr std::int64_t most_of_anything = std::int64_t{1} << 48;

constexpr const char* folder_name = "asked";

std::string question_name(QuestionFormat format, Index number) {
  return format == QuestionFormat::raw ? fmt::format("point-{}.theta", number) : "questions.h5";
}

std::string answer_name(std::int64_t round, Index number) {
  return fmt::format("answer-{}-{}.h5", round, number);
}

template <class Value>
std::vector<std::int64_t> column(const std::vector<Question>& questions, Value value) {
  std::vector<std::int64_t> numbers;
  for (const Question& question : questions) numbers.push_back(static_cast<std::int64_t>(value(question)));
  return numbers;
}

}  // namespace

std::optional<AskedRound::Facts> AskedRound::facts() const {
  const std::optional<files::Folder> folder = run_.find_below(folder_name);
  if (!folder) return std::nullopt;
  const files::Place file(*folder, facts_name);
  const std::optional<std::string> text = files::read_text_if_there(file);
  if (!text) return std::nullopt;
  try {
    const auto json = nlohmann::json::parse(*text);
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
  return run_.path() / folder_name / question_name(format, number);
}

fs::path AskedRound::answer_file(std::int64_t round, Index number) const {
  return run_.path() / folder_name / answer_name(round, number);
}

bool AskedRound::is_answered(std::int64_t round, Index number) const {
  const std::optional<files::Folder> folder = run_.find_below(folder_name);
  return folder && folder->has_file(answer_name(round, number));
}

Index AskedRound::answered(std::int64_t round) const {
  const std::optional<files::Folder> folder = run_.find_below(folder_name);
  const std::string prefix = fmt::format("answer-{}-", round);
  Index count = 0;
  if (folder)
    for (const std::string& name : folder->file_names())
      count += name.starts_with(prefix) && name.ends_with(".h5") ? 1 : 0;
  return count;
}

void AskedRound::write(const Facts& facts, const std::vector<Question>& open) const {
  const files::Folder folder = run_.make_below(folder_name);
  if (!open.empty()) {
    if (facts.format == QuestionFormat::raw)
      write_raw(folder, open);
    else
      write_hdf5(folder, open);
  }
  const nlohmann::ordered_json json = {{"round", facts.round},
                                       {"dimension", facts.dimension},
                                       {"points", facts.points},
                                       {"ending", facts.ending},
                                       {"format", facts.format == QuestionFormat::raw ? "raw" : "hdf5"}};
  files::replace_text({folder, facts_name}, json.dump() + "\n");
}

void AskedRound::write_hdf5(const files::Folder& folder, const std::vector<Question>& open) const {
  files::ReplacementFile replacement({folder, question_name(QuestionFormat::hdf5, 0)});
  hdf5::File out = hdf5::File::create(replacement.content());
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

void AskedRound::write_raw(const files::Folder& folder, const std::vector<Question>& open) const {
  for (const Question& question : open) {
    files::ReplacementFile replacement({folder, question_name(QuestionFormat::raw, question.number)});
    replacement.content().write_all(reinterpret_cast<const char*>(question.theta.data()),
                                    sizeof(double) * static_cast<std::size_t>(question.theta.size()));
    replacement.commit();
  }
}

void AskedRound::write_answer(std::int64_t round, Index number, const Evaluation& answer) const {
  files::ReplacementFile replacement({run_.below(folder_name), answer_name(round, number)},
                                     files::Writers::many);
  hdf5::File out = hdf5::File::create(replacement.content());
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
  const hdf5::File in =
      hdf5::File::open(run_.below(folder_name).open_file(answer_name(round, number), O_RDONLY));
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
  const std::optional<files::Folder> folder = run_.find_below(folder_name);
  if (!folder) return;
  // The facts first: what is left after a crash in here is no round.
  folder->remove_file(facts_name);
  for (const std::string& name : folder->file_names()) {
    const std::string target = files::ReplacementFile::target_of(name);
    const std::string& meant = target.empty() ? name : target;
    if (meant == "questions.h5" || meant.starts_with("point-") || meant.starts_with("answer-"))
      folder->remove_file(name);
  }
}

}  // namespace optex::app
