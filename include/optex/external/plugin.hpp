#pragma once

#include "optex/core/objective.hpp"
#include "optex/external/options.hpp"

#include <filesystem>
#include <memory>

namespace optex {

/// An objective that a shared library computes (optex/plugin.h says what the library has to offer).
///
/// The library is loaded from exactly the path given and stays in memory until the process ends: code that
/// registered something at exit or for its threads must not vanish.
class Plugin final : public Objective {
 public:
  /// Throws IoError when the file is missing or cannot be loaded; UsageError when anybody may write to it
  /// or its folder, when it is no plug-in, is of another version, refuses its options or has no dimension.
  /// Every message begins with the path.
  Plugin(const std::filesystem::path& library, const ExternalSettings& settings);
  ~Plugin() override;
  Plugin(const Plugin&) = delete;
  Plugin& operator=(const Plugin&) = delete;

  Index dimension() const override;
  Index shard_count() const override;
  /// Throws EvaluationError when the library fails.
  Vector initial_point() const override;
  /// Throws InfeasiblePoint, or EvaluationError with the library's text.
  double value_and_gradient(ConstVectorRef theta, const SampleKey& key, Index shard,
                            VectorRef gradient) const override;
  bool is_noisy() const override;
  /// Throws EvaluationError.
  std::vector<HessianEntry> known_hessian(ConstVectorRef theta) const override;
  std::vector<Measure> assess(ConstVectorRef theta) const override;
  /// Throws EvaluationError.
  std::vector<Exhibit> exhibits(ConstVectorRef theta) const override;
  /// The library, or one that it needs, may use MPI.
  bool uses_mpi() const;

 private:
  struct Loaded;
  std::unique_ptr<Loaded> loaded_;
};

}  // namespace optex
