#pragma once

#include "optex/evaluation/evaluator.hpp"
#include "optex/files/descriptor.hpp"
#include "optex/files/folder.hpp"
#include "optex/minimize/told_evaluator.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace optex::app {

enum class QuestionFormat { hdf5, raw };

/// What was told about a point.
struct ToldAnswer {
  Evaluation evaluation;
  double told = 0.0;    ///< seconds since 1970
  std::string problem;  ///< not empty: the file is damaged, and this is how
};

/// The round that waits for answers in a run's folder, as files that `optex ask` and `optex tell` share:
///
///   asked/round.json              number, dimension, points, stop rule met, format, settings, time
///   asked/questions.h5            /number n, /theta n x d, /key/{seed,iteration,point,batch,whole} n
///   asked/point-3.theta           instead of it with raw: d doubles a point
///   asked/answer-12-3.h5          of round 12, point 3: /value, /gradient d; or /failure, a text; sealed
///
/// Every file is replaced in one step and no link is followed, so any number of `optex tell` may run at the
/// same time, for the same point too: the first answer stands.
class AskedRound {
 public:
  explicit AskedRound(files::Folder run_folder);

  struct Facts {
    std::int64_t round = 0;  ///< counts from 1
    Index dimension = 0;
    Index points = 0;    ///< 0: the run is finished
    std::string ending;  ///< the stop rule that was met, when only F at the answer is still wanted
    QuestionFormat format = QuestionFormat::hdf5;
    std::string settings;  ///< hash of those that the points follow from; empty when it is not known
    double asked = 0.0;    ///< seconds since 1970
  };
  /// Nothing when nothing has been asked yet. Throws IoError when the file is damaged.
  std::optional<Facts> facts() const;

  /// Writes the open questions, then the facts; the facts alone when nothing is open.
  void write(const Facts& facts, const std::vector<Question>& open);
  /// Where a point stands: the same file for all of them, or one for each.
  std::filesystem::path question_file(QuestionFormat format, Index number) const;

  /// How many points of the round have their answers.
  Index answered(std::int64_t round) const;
  /// Held by one `optex tell` at a time from looking for answers to writing its own, for as long as it lives.
  /// Throws IoError after ten seconds.
  files::Descriptor take_turn() const;
  void write_answer(std::int64_t round, Index number, const Evaluation& answer) const;
  /// Nothing when there is none.
  std::optional<ToldAnswer> read_answer(std::int64_t round, Index number, Index dimension) const;
  void remove_answer(std::int64_t round, Index number) const;

  /// Removes the files of a round that is over.
  void clear() const;

 private:
  void write_hdf5(const std::vector<Question>& open) const;
  void write_raw(const std::vector<Question>& open) const;

  files::Folder run_;
  std::optional<files::Folder> folder_;  ///< asked/
};

/// Seconds since 1970.
double seconds_now();

}  // namespace optex::app
