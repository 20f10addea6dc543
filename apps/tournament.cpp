#include "tournament.hpp"

#include "optex/comparison/tuning.hpp"
#include "optex/core/errors.hpp"
#include "optex/files/replacement_file.hpp"
#include "optex/monitor/provenance.hpp"
#include "optex/setup/assemble.hpp"
#include "optex/setup/contents.hpp"
#include "optex/setup/footprint.hpp"

#include <algorithm>
#include <set>

#include "output.hpp"
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace optex::app {
namespace {

namespace fs = std::filesystem;

// Enough samples for a value that is common to all methods, and no more: measuring must not outweigh the
// runs.
constexpr Index most_batches = 32;
constexpr std::int64_t least_measurements = 20;
constexpr std::int64_t usual_noisy_seeds = 3;
// Rates are chosen on another draw than methods are compared on; no seed of the comparison comes near.
constexpr std::int64_t tuning_seed_offset = 1'000'000;

struct Interrupted {};

StopRules rules_of(const Config& config) {
  StopRules rules = assemble_stop_rules(config);
  rules.value = std::nullopt;  // a target, not an end
  return rules;
}

std::string rules_text(const MeasureOptions& options) {
  const auto text = [](const auto& value) { return value ? fmt::format("{}", *value) : std::string("-"); };
  const StopRules& rules = options.rules;
  return fmt::format(
      "iterations {} evaluations {} seconds {} gradient_norm {} patience {} target {} every {} "
      "batches {}",
      text(rules.iterations), text(rules.evaluations), text(rules.seconds), text(rules.gradient_norm),
      text(rules.patience), text(options.target), options.separately ? options.every : 0,
      options.separately ? options.batches : 0);
}

}  // namespace

Tournament::Tournament(const TournamentOptions& options, const Scene& scene, Ranks& ranks)
    : options_(options),
      config_(scene.given.config),
      problem_(scene.problem),
      share_(scene.share ? &*scene.share : nullptr),
      ranks_(ranks),
      noisy_(problem_.objective->is_noisy()),
      first_seed_(config_.integer("run.seed")),
      seeds_(options.seeds.value_or(noisy_ ? usual_noisy_seeds : 1)),
      tuning_seed_(noisy_ ? first_seed_ + tuning_seed_offset : first_seed_),
      folder_((choose_contenders(), run_folder(config_)), options.if_exists),
      records_(folder_.comparison_runs()) {
  refuse_another_comparison();
  folder_.write_config(scene.given.text, config_.to_toml());
  record_provenance(folder_, config_, problem_, ranks_, options.command_line);
}

Tournament::Entry Tournament::entry_for(const std::string& name) const {
  Entry entry{contender(config_, name), {}};
  if (!entry.contender.takes_rate) return entry;
  const double configured = entry.contender.config.real("optimizer.learning_rate");
  if (!options_.tune)
    entry.rates = {configured};
  else
    entry.rates = options_.grid.empty() ? learning_rate_grid(configured) : options_.grid;
  return entry;
}

void Tournament::choose_contenders() {
  if (problem_.objective->initial_state().size() > 0)
    throw UsageError(fmt::format(
        "optex compare: F of {} moves with the run that minimises it, so no value of F means the "
        "same for two methods; optex sweep over \"method.name\" and seeds with log.quality_every, "
        "then optex report, sets the quality that they reach against each other",
        config_.text("problem.name")));
  const StopRules rules = rules_of(config_);
  if (!rules.iterations && !rules.evaluations && !rules.seconds && !rules.patience)
    throw UsageError(
        "optex compare needs stop.iterations, stop.evaluations, stop.seconds or stop.patience: a method may "
        "never come to any other end");
  const bool asked = !options_.methods.empty();
  std::set<std::uint64_t> seen;
  for (const std::string& name : asked ? options_.methods : usual_contenders(config_)) {
    try {
      Entry entry = entry_for(name);
      if (seen.insert(entry.contender.config.numbers_hash()).second)
        entries_.push_back(std::move(entry));
      else if (asked)
        throw UsageError(fmt::format("--methods: {} is another one's name for the same settings", name));
    } catch (const UsageError& error) {
      if (asked) throw UsageError(fmt::format("--methods: {}", error.what()));
      say(fmt::format("left out: {}", error.what()));
    }
  }
  targets_ = options_.targets;
  std::sort(targets_.rbegin(), targets_.rend());
  targets_.erase(std::unique(targets_.begin(), targets_.end()), targets_.end());
  const auto vanilla = std::find_if(entries_.begin(), entries_.end(),
                                    [](const Entry& entry) { return entry.contender.label == "vanilla"; });
  if (targets_.empty() && vanilla == entries_.end()) reference_ = entry_for("vanilla");
  if (targets_.empty() && vanilla != entries_.end()) std::rotate(entries_.begin(), vanilla, vanilla + 1);

  start_of(first_seed_);  // throws when it cannot be read

  const std::int64_t batch = config_.integer_if_set("data.batch").value_or(0);
  const std::int64_t samples = problem_.train ? problem_.train->samples : 0;
  // Batches that make up all data or more are no cheaper than all data.
  if (batch > 0 && batch * most_batches < samples) batches_ = most_batches;
  const std::int64_t cost = batch == 0 ? 1 : std::min<std::int64_t>(most_batches, samples / batch);
  const std::int64_t points = config_.integer_if_set("method.parallelism").value_or(4) *
                              config_.integer_if_set("method.batches_per_point").value_or(1);
  const std::int64_t longest =
      rules.iterations ? std::max<std::int64_t>(1, *rules.iterations / least_measurements) : cost;
  every_ = options_.every.value_or(std::clamp<std::int64_t>((cost + points - 1) / points, 1, longest));
}

void Tournament::refuse_another_comparison() const {
  if (options_.if_exists != IfExists::resume || !folder_.resolved_file().exists()) return;
  const std::string keys = differences_in_numbers(read_config(folder_.resolved_file().path()),
                                                  contents_in_provenance(folder_.provenance_file()), config_,
                                                  content_hashes(config_, problem_));
  if (!keys.empty())
    throw CheckpointError(
        fmt::format("{}: holds a comparison with other settings: {}", folder_.path().string(), keys));
}

void Tournament::say(const std::string& line) const {
  const std::string& level = config_.text("log.level");
  if (level == "info" || level == "debug") print_note(line);
}

const Vector& Tournament::start_of(std::int64_t seed) {
  const auto found = starts_.find(seed);
  if (found != starts_.end()) return found->second;
  const Config config = with_seed_and_rate(config_, seed, std::nullopt);
  // The start belongs to the problem, and some problems draw it by the seed.
  Vector start = seed == first_seed_ ? assemble_start(config, *problem_.objective)
                                     : assemble_start(config, *assemble_problem(config, share_).objective);
  return starts_.emplace(seed, std::move(start)).first->second;
}

MeasureOptions Tournament::measuring(const Entry& entry, std::optional<std::int64_t> round_limit) const {
  MeasureOptions options;
  options.rules = rules_of(config_);
  if (round_limit)
    options.rules.iterations = std::min(*round_limit, options.rules.iterations.value_or(*round_limit));
  if (!targets_.empty()) options.target = targets_.back();
  options.separately = noisy_ || entry.contender.answers_elsewhere;
  options.by_best_point = entry.contender.tries_points;
  options.every = noisy_ ? every_ : options_.every.value_or(1);
  options.batches = batches_;
  return options;
}

RunRecord Tournament::run_once(Evaluator& evaluator, const Entry& entry, std::optional<double> rate,
                               std::int64_t seed, std::optional<std::int64_t> round_limit) {
  const Config config = with_seed_and_rate(entry.contender.config, seed, rate);
  const MeasureOptions options = measuring(entry, round_limit);
  // Wall times belong to a number of ranks, so the identity does.
  const std::string identity = fmt::format("{} on {} ranks, {}", rounds_identity(config, problem_),
                                           ranks_.hosts().size(), rules_text(options));
  const std::string what =
      fmt::format("{}{}, seed {}", entry.contender.label,
                  rate ? fmt::format(", learning rate {:.4g}", *rate) : std::string(), seed);
  if (const RunRecord* const known = records_.find(identity)) {
    say(what + ": is done already");
    return *known;
  }
  const std::unique_ptr<Method> method =
      assemble_method(config, evaluator, known_hessian_of(*problem_.objective));
  auto record = measured_run(*method, evaluator, start_of(seed), options, [this] {
    const Interruption wanted = ranks_.interruption();
    if (const auto dead = ranks_.dead_ranks(); wanted == Interruption::stop && !dead.empty())
      throw StallError(dead.front() +
                       " has died, and its launcher ends the others; with --resume finished runs are kept");
    return wanted == Interruption::stop || wanted == Interruption::checkpoint_and_stop;
  });
  if (!record) throw Interrupted{};
  record->identity = identity;
  record->method = entry.contender.label;
  record->learning_rate = rate;
  record->seed = seed;
  records_.add(*record);
  say(record->failed()
          ? fmt::format("{}: failed: {}", what, record->message)
          : fmt::format("{}: {} rounds, {} gradients, {:.3g} s, F = {:.6g} ({})", what, record->rounds,
                        record->evaluations, record->seconds, final_value(*record), record->end));
  return *record;
}

Tournament::Settled Tournament::settle(Evaluator& evaluator, const Entry& entry) {
  Settled settled;
  if (entry.rates.empty()) return settled;
  settled.rate = entry.rates.front();
  if (entry.rates.size() == 1) return settled;
  for (const double rate : entry.rates) {
    // Nobody who is slower than the fastest so far can become the best.
    const auto limit = targets_.empty() ? std::nullopt : fewest_rounds(settled.runs, targets_.back());
    settled.runs.push_back(run_once(evaluator, entry, rate, tuning_seed_, limit));
    const RunRecord& run = settled.runs.back();
    ++settled.tuning.runs;
    settled.tuning.evaluations += run.evaluations;
    settled.tuning.seconds += run.seconds;
  }
  settled.best = best_run(settled.runs, targets_);
  settled.rate = entry.rates[settled.best];
  const auto [smallest, largest] = std::minmax_element(entry.rates.begin(), entry.rates.end());
  settled.at_edge = *settled.rate == *smallest || *settled.rate == *largest;
  return settled;
}

Contender Tournament::play(Evaluator& evaluator, const Entry& entry, const Settled& settled) {
  Contender contender{.label = entry.contender.label,
                      .ideal = entry.contender.ideal,
                      .points = entry.contender.points,
                      .learning_rate = settled.rate,
                      .rate_at_edge = settled.at_edge,
                      .tuning = settled.tuning};
  for (std::int64_t seed = first_seed_; seed < first_seed_ + seeds_; ++seed) {
    // Without noise choosing the rate has run this very trajectory already.
    if (!settled.runs.empty() && seed == tuning_seed_)
      contender.runs.push_back(settled.runs[settled.best]);
    else
      contender.runs.push_back(run_once(evaluator, entry, settled.rate, seed, std::nullopt));
  }
  return contender;
}

Comparison Tournament::compare(Evaluator& evaluator) {
  Comparison comparison;
  comparison.ranks = static_cast<int>(ranks_.hosts().size());
  comparison.noisy = noisy_;
  comparison.measured_every = noisy_ ? every_ : 1;
  comparison.origin_of_targets = "as asked for";
  std::size_t played = 0;
  if (targets_.empty()) {
    const Entry& vanilla = reference_ ? *reference_ : entries_.front();
    // What the configuration calls good enough is the tight one.
    const auto wanted = config_.real_if_set("stop.value");
    if (wanted) targets_ = {*wanted};
    const Contender reference = play(evaluator, vanilla, settle(evaluator, vanilla));
    const RunRecord& first = reference.runs.front();
    if (first.failed())
      throw NumericalError("vanilla, whose values are the targets, failed: " + first.message +
                           "; give --targets or other learning rates");
    targets_ = targets_from(first);
    if (targets_.empty() && !wanted)
      throw NumericalError(
          "vanilla, whose values are the targets, never came below its start; give --targets or other "
          "learning rates");
    comparison.origin_of_targets = "where vanilla stands after 25, 50 and 100 % of its rounds";
    if (wanted) {
      std::erase_if(targets_, [&](double target) { return target <= *wanted; });
      targets_.push_back(*wanted);
      comparison.origin_of_targets =
          "stop.value, and what of vanilla's values after 25, 50 and 100 % of its rounds lies above it";
    }
    if (!reference_) {
      comparison.contenders.push_back(reference);
      played = 1;
    }
  }
  for (std::size_t i = played; i < entries_.size(); ++i)
    comparison.contenders.push_back(play(evaluator, entries_[i], settle(evaluator, entries_[i])));
  comparison.targets = targets_;
  return comparison;
}

ExitCode Tournament::run(Evaluator& evaluator) {
  try {
    const Index shards = problem_.objective->shard_count();
    if (shards < static_cast<Index>(ranks_.hosts().size()))
      say(fmt::format("a method with one gradient a round uses {} of {} ranks: there {} {} shard{}", shards,
                      ranks_.hosts().size(), shards == 1 ? "is" : "are", shards, shards == 1 ? "" : "s"));
    const Comparison comparison = compare(evaluator);
    files::replace_text(folder_.comparison_file(), comparison_json(comparison));
    files::replace_text(folder_.comparison_table(), comparison_csv(comparison));
    print(comparison_text(comparison) +
          fmt::format("\nFiles: {0}/compare.json, {0}/compare.csv\n", folder_.path().string()));
    return ExitCode::success;
  } catch (const Interrupted&) {
    print_note(
        fmt::format("stopped by a signal; {} finished runs are kept in {}; the same command with "
                    "--resume goes on",
                    records_.size(), folder_.path().string()));
    return ExitCode::requeue;
  } catch (const Error& error) {
    if (error.code() == ExitCode::stall) throw;  // the others cannot end in good order then
    print_error(error.what());
    return error.code();
  }
}

}  // namespace optex::app
