#include "asked_round.hpp"

#include "optex/core/errors.hpp"
#include "optex/core/stopwatch.hpp"
#include "optex/files/reading.hpp"
#include "optex/files/replacement_file.hpp"
#include "optex/hdf5/file.hpp"
#include "optex/hdf5/seal.hpp"

#include <cerrno>
#include <chrono>
#include <span>
#include <thread>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <sys/file.h>

namespace optex::app {
namespace {

namespace fs = std::filesystem;

constexpr const char* facts_name = "round.json";
constexpr std::int64_t most_of_anything = std::int64_t{1} << 48;
constexpr double longest_turn = 10.0;           // seconds
constexpr std::uintmax_t most_facts = 1 << 20;  // bytes

std::string answer_name(std::int64_t round, Index number) {
  return fmt::format("answer-{}-{}.h5", round, number);
}

std::string question_name(QuestionFormat format, Index number) {
  return format == QuestionFormat::raw ? fmt::format("point-{}.theta", number) : "questions.h5";
}

template <class Value>
std::vector<std::int64_t> column(const std::vector<Question>& questions, Value value) {
  std::vector<std::int64_t> numbers;
  for (const Question& question : questions) numbers.push_back(static_cast<std::int64_t>(value(question)));
  return numbers;
}

Evaluation evaluation_in(const hdf5::File& in) {
  Evaluation answer;
  if (in.contains("/failure")) {
    answer.failure = in.read_text("/failure");
  } else {
    answer.value = in.read_double("/value");
    answer.gradient = in.read_vector("/gradient");
  }
  return answer;
}

}  // namespace

double seconds_now() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

AskedRound::AskedRound(files::Folder run_folder)
    : run_(std::move(run_folder)), folder_(run_.find_below("asked")) {}

std::optional<AskedRound::Facts> AskedRound::facts() const {
  if (!folder_) return std::nullopt;
  const files::Place file(*folder_, facts_name);
  const auto text = files::read_text_if_there(file, most_facts);
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
    facts.settings = json.value("settings", "");
    facts.asked = json.value("asked", 0.0);
    return facts;
  } catch (const nlohmann::json::exception&) {
    throw IoError(fmt::format("{}: is damaged: not what optex ask writes", file.string()));
  }
}

fs::path AskedRound::question_file(QuestionFormat format, Index number) const {
  return run_.path() / "asked" / question_name(format, number);
}

Index AskedRound::answered(std::int64_t round) const {
  if (!folder_) return 0;
  const std::string prefix = fmt::format("answer-{}-", round);
  Index count = 0;
  for (const std::string& name : folder_->file_names())
    count += name.starts_with(prefix) && name.ends_with(".h5") ? 1 : 0;
  return count;
}

void AskedRound::write(const Facts& facts, const std::vector<Question>& open) {
  folder_ = run_.make_below("asked");
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
                                       {"format", facts.format == QuestionFormat::raw ? "raw" : "hdf5"},
                                       {"settings", facts.settings},
                                       {"asked", facts.asked}};
  files::replace_text({*folder_, facts_name}, json.dump() + "\n");
}

void AskedRound::write_hdf5(const std::vector<Question>& open) const {
  files::ReplacementFile replacement({*folder_, question_name(QuestionFormat::hdf5, 0)});
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

void AskedRound::write_raw(const std::vector<Question>& open) const {
  for (const Question& question : open) {
    files::ReplacementFile replacement({*folder_, question_name(QuestionFormat::raw, question.number)});
    replacement.content().write_all(reinterpret_cast<const char*>(question.theta.data()),
                                    sizeof(double) * static_cast<std::size_t>(question.theta.size()));
    replacement.commit();
  }
}

files::Descriptor AskedRound::take_turn() const {
  files::Descriptor turn = folder_->open_file(facts_name, O_RDONLY);
  const Stopwatch waited;
  // A file system without locks: whoever comes last is the one whose answer stands.
  while (::flock(turn, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
    if (waited.seconds() > longest_turn)
      throw IoError(fmt::format("{}: another optex tell has been at work for {} s", turn.path().string(),
                                longest_turn));
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return turn;
}

void AskedRound::write_answer(std::int64_t round, Index number, const Evaluation& answer) const {
  files::ReplacementFile replacement({*folder_, answer_name(round, number)}, files::Writers::many);
  hdf5::File out = hdf5::File::create(replacement.content(), hdf5::seal_size);
  out.write("/round", round);
  out.write("/number", std::int64_t{number});
  out.write("/told", seconds_now());
  if (answer.failed()) {
    out.write("/failure", std::string_view(answer.failure));
  } else {
    out.write("/value", answer.value);
    out.write("/gradient", answer.gradient);
  }
  out.close();
  hdf5::seal(replacement.content());
  replacement.commit();
}

std::optional<ToldAnswer> AskedRound::read_answer(std::int64_t round, Index number, Index dimension) const {
  const std::string name = answer_name(round, number);
  if (!folder_ || !folder_->has_file(name)) return std::nullopt;
  const files::Descriptor file = folder_->open_file(name, O_RDONLY);
  ToldAnswer answer;
  // The seal first: what was damaged may be anything, to the HDF5 library too.
  if (const hdf5::SealCheck check = hdf5::check_seal(file); check.state != hdf5::SealState::intact) {
    answer.problem = check.problem;
    return answer;
  }
  const hdf5::File in = hdf5::File::open(file);
  answer.evaluation = evaluation_in(in);
  answer.told = in.read_double("/told");
  if (in.read_integer("/round") != round || in.read_integer("/number") != number ||
      (!answer.evaluation.failed() && answer.evaluation.gradient.size() != dimension))
    answer.problem = "it belongs to another point";
  return answer;
}

void AskedRound::remove_answer(std::int64_t round, Index number) const {
  if (folder_) folder_->remove_file(answer_name(round, number));
}

void AskedRound::clear() const {
  if (!folder_) return;
  // The facts first: what is left after a crash in here is no round.
  folder_->remove_file(facts_name);
  for (const std::string& name : folder_->file_names()) {
    const std::string meant = name.starts_with('.') ? files::ReplacementFile::target_of(name) : name;
    if (meant == "questions.h5" || meant.starts_with("point-") || meant.starts_with("answer-"))
      folder_->remove_file(name);
  }
}

}  // namespace optex::app
