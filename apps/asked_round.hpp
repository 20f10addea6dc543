#pragma once

#include "optex/evaluation/evaluator.hpp"
#include "optex/files/folder.hpp"
#include "optex/minimize/told_evaluator.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace optex::app {

enum class QuestionFormat { hdf5, raw };

/// The round that waits for answers in a run's folder, as files that `optex ask` and `optex tell` share:
///
///   asked/round.json              number, dimension, points, stop rule met, format
///   asked/questions.h5            /number n, /theta n x d, /key/{seed,iteration,point,batch,whole} n
///   asked/point-3.theta           instead of it with raw: d doubles a point
///   asked/answer-12-3.h5          of round 12, point 3: /value, /gradient d; or /failure, a text
///
/// Every file is replaced in one step, so any number of `optex tell` may run at the same time. All are
/// reached from the opened folder of the run, never through a link.
class AskedRound {
 public:
  explicit AskedRound(files::Folder run_folder) : run_(std::move(run_folder)) {}

  struct Facts {
    std::int64_t round = 0;  ///< counts from 1
    Index dimension = 0;
    Index points = 0;    ///< 0: the run is finished
    std::string ending;  ///< the stop rule that was met, when only F at the answer is still wanted
    QuestionFormat format = QuestionFormat::hdf5;
  };
  /// Nothing when nothing has been asked yet. Throws IoError when the file is damaged.
  std::optional<Facts> facts() const;

  /// Writes the open questions, then the facts; the facts alone when nothing is open.
  void write(const Facts& facts, const std::vector<Question>& open) const;
  /// Where a point stands: the same file for all of them, or one for each.
  std::filesystem::path question_file(QuestionFormat format, Index number) const;

  std::filesystem::path answer_file(std::int64_t round, Index number) const;
  bool is_answered(std::int64_t round, Index number) const;
  /// How many points of the round have their answers.
  Index answered(std::int64_t round) const;
  void write_answer(std::int64_t round, Index number, const Evaluation& answer) const;
  /// Nothing when there is none.
  std::optional<Evaluation> read_answer(std::int64_t round, Index number) const;

  /// Removes the files of a round that is over.
  void clear() const;

 private:
  void write_hdf5(const files::Folder& folder, const std::vector<Question>& open) const;
  void write_raw(const files::Folder& folder, const std::vector<Question>& open) const;

  files::Folder run_;
};

}  // namespace optex::app
