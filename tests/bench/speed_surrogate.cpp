#include "optex/core/parallel_for.hpp"
#include "optex/core/product_blocking.hpp"
#include "optex/surrogate/pair_memory.hpp"
#include "optex/surrogate/round_plan.hpp"
#include "optex/surrogate/scaled_rows.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "speed_rows.hpp"
#include <benchmark/benchmark.h>
#include <dlfcn.h>
#include <strings.h>

namespace optex::bench {
namespace {

std::vector<SecantPair> noisy_pairs(Index d, Index count, std::uint64_t seed) {
  std::vector<SecantPair> pairs;
  for (Index k = 0; k < count; ++k) {
    const std::uint64_t at = seed + 3 * static_cast<std::uint64_t>(k);
    pairs.push_back({noise(d, at), noise(d, at + 1), noise(d, at + 2)});
  }
  return pairs;
}

struct Panels {
  PairMemory full, used;
  std::vector<SecantPair> newcomers, entering;

  void begin_round() {
    used = full;
    entering = newcomers;
  }
};

std::shared_ptr<Panels> panels_of(const Scene& scene, Index points) {
  const Index d = scene.size.dimension;
  const auto panels = std::make_shared<Panels>();
  panels->full = PairMemory(scene.size.history, Vector::Zero(d));
  panels->full.append(noisy_pairs(d, scene.size.history, 1000));
  panels->newcomers = noisy_pairs(d, points, 100);
  return panels;
}

/// What must be read: three rows a pair.
double panel_bytes(const Scene& scene, Index points) {
  return 3.0 * static_cast<double>(scene.size.history + points) * scene.row();
}

/// N pairs of surrogate enter: their products with all of them.
Work append(Scene& scene, Index points) {
  const auto panels = panels_of(scene, points);
  return {.bytes = panel_bytes(scene, points),
          .prepare = [panels] { panels->begin_round(); },
          .run = [panels] { panels->used.append(std::move(panels->entering)); }};
}

/// The same products by Eigen's matrix product, which promises no order of the sums: what they cost where
/// nothing else counts.
Work append_by_gemm(Scene& scene, Index points) {
  struct Matrices {
    Matrix old, fresh, products, with_middles;  // d x (3 T0 + 3 N), d x 3 N: s, y, m side by side
  };
  const Index d = scene.size.dimension, n = scene.size.history + points;
  const auto all = std::make_shared<Matrices>();
  all->old.resize(d, 3 * n);
  all->fresh.resize(d, 3 * points);
  for (Index k = 0; k < 3 * n; ++k) all->old.col(k) = noise(d, 1000 + static_cast<std::uint64_t>(k));
  for (Index k = 0; k < 3 * points; ++k) all->fresh.col(k) = noise(d, 100 + static_cast<std::uint64_t>(k));
  fix_product_blocking();
  return {.bytes = panel_bytes(scene, points), .prepare = {}, .run = [=] {
            all->products.noalias() = all->fresh.transpose() * all->old.leftCols(2 * n);
            all->with_middles.noalias() = all->fresh.leftCols(2 * points).transpose() * all->old.rightCols(n);
          }};
}

/// N points out of all steps and changes: one combination.
Work combine(Scene& scene, Index points) {
  const auto panels = panels_of(scene, points);
  const Index n = scene.size.history;
  const Matrix weights = Matrix::Constant(2 * n, points, 1e-2);
  return {.bytes = (2.0 * static_cast<double>(n) + static_cast<double>(points)) * scene.row(),
          .prepare = {},
          .run = [=, &scene] {
            row_combinations(joined({panels->full.steps().rows(), panels->full.changes().rows()}), weights,
                             scene.size.dimension);
          }};
}

/// All work of size d in a round without a prior: N pairs enter; the gradient, the residual and the best
/// point meet all rows; N points and the next residual are combined.
Work whole_round(Scene& scene, Index points) {
  const Index d = scene.size.dimension, n = scene.size.history;
  const auto panels = panels_of(scene, points);
  const Matrix weights = Matrix::Constant(2 * (n + points) + 2, points + 1, 1e-2);
  const Vector best = noise(d, 7), gradient = noise(d, 8), residual = noise(d, 9);
  return {.bytes = panel_bytes(scene, points),
          .prepare = [panels] { panels->begin_round(); },
          .run =
              [=] {
                panels->used.append(std::move(panels->entering));
                const ScaledRows rows(panels->used, nullptr, nullptr, best, gradient, residual);
                row_combinations(rows.rows(), weights, d);
              }};
}

/// A full memory of a function that is nearly quadratic, older pairs farther away, and a round after it was
/// filled.
struct FullMemory {
  PairMemory pairs;
  Vector best, gradient;
  ModelMemory model;
  double radius = std::numeric_limits<double>::infinity();
  Index points;

  std::optional<RoundPlan> plan() const {
    ModelRules rules;
    rules.metric_pairs = std::max(rules.metric_pairs, 2 * points);
    rules.likelihood_pairs = std::max(rules.likelihood_pairs, 6 * points);
    rules.rough_pairs = std::max(rules.rough_pairs, 6 * points);
    return plan_round({.pairs = pairs,
                       .newcomers = points - 1,
                       .best_theta = best,
                       .best_gradient = gradient,
                       .radius = radius,
                       .parallelism = points,
                       .points = points - 1,
                       .key = {},
                       .rules = rules},
                      model);
  }
};

std::shared_ptr<FullMemory> full_memory(const Scene& scene, Index points) {
  const Index d = scene.size.dimension, n = scene.size.history;
  const auto full = std::make_shared<FullMemory>();
  full->points = points;
  full->best = noise(d, 1);
  const Vector curvatures = 1.0 / Vector::LinSpaced(d, 1.0, 1e4).array();
  full->gradient = curvatures.cwiseProduct(noise(d, 2));
  full->pairs = PairMemory(n, full->best);
  std::vector<SecantPair> pairs;
  for (Index k = 0; k < n; ++k) {
    const std::uint64_t at = 3 + 2 * static_cast<std::uint64_t>(k);
    const Vector step = 1e-3 * noise(d, at);
    const Vector way =
        std::pow(10.0, -5.0 * static_cast<double>(k) / static_cast<double>(n)) * noise(d, at + 1);
    const Vector change = curvatures.array() * step.array() * (1.0 + way.array());
    pairs.push_back({step, change, full->best + way});
  }
  full->pairs.append(pairs);
  const RoundPlan before = full->plan().value();
  full->model = before.model;
  full->radius = 0.5 * before.radii.front();
  return full;
}

/// Where the next points are, once the pairs are in: passes over them, and algebra of T0 x T0 and 2 T0 x 2
/// T0.
Work plan(Scene& scene, Index points) {
  const auto full = full_memory(scene, points);
  return {.bytes = 5.0 * static_cast<double>(scene.size.history) * scene.row(), .prepare = {}, .run = [full] {
            full->plan();
          }};
}

/// The kernels of OpenBLAS that this processor can take, by the name that OPENBLAS_CORETYPE gives them.
const char* best_openblas_core() {
#if defined(__x86_64__) && defined(__GNUC__)
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq")) return "SKYLAKEX";
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return "HASWELL";
#endif
  return nullptr;
}

/// Whether kernels of this name have fused multiplications in wide vectors.
bool is_recent_core(const std::string& name) {
  const std::vector<std::string> recent = {"Haswell", "Zen", "SkylakeX", "Cooperlake", "SapphireRapids"};
  return std::any_of(recent.begin(), recent.end(),
                     [&](const std::string& known) { return strcasecmp(known.c_str(), name.c_str()) == 0; });
}

/// OpenBLAS, where the system has it; loaded here, so that nothing else of this program uses it.
class OpenBlas {
 public:
  OpenBlas() {
    load();
    // Where it is older than the processor it took its oldest kernels. Once more, unless the user chose them.
    const char* const best = best_openblas_core();
    if (is_there() && best != nullptr && !is_recent_core(core_) && getenv("OPENBLAS_CORETYPE") == nullptr) {
      setenv("OPENBLAS_CORETYPE", best, 1);
      dlclose(library_);
      load();
    }
    if (is_there()) benchmark::AddCustomContext("kernels of OpenBLAS", core_);
  }
  bool is_there() const { return multiply_ != nullptr && set_threads_ != nullptr; }
  /// c = a b, or a'b; columns of length `rows`.
  void multiply(bool turned, const double* a, Index a_columns, const double* b, Index b_columns, Index rows,
                double* c) const {
    set_threads_(thread_count());
    const char turn = 'T', as_it_is = 'N';
    const double one = 1.0, zero = 0.0;
    const int d = static_cast<int>(rows), m = static_cast<int>(a_columns), n = static_cast<int>(b_columns);
    if (turned)
      multiply_(&turn, &as_it_is, &m, &n, &d, &one, a, &d, b, &d, &zero, c, &m);
    else
      multiply_(&as_it_is, &as_it_is, &d, &n, &m, &one, a, &d, b, &m, &zero, c, &d);
  }

 private:
  void load() {
    library_ = dlopen("libopenblas.so.0", RTLD_NOW | RTLD_LOCAL);
    if (library_ == nullptr) return;
    multiply_ = reinterpret_cast<Multiply*>(dlsym(library_, "dgemm_"));
    set_threads_ = reinterpret_cast<SetThreads*>(dlsym(library_, "openblas_set_num_threads"));
    if (void* const name = dlsym(library_, "openblas_get_corename"))
      core_ = reinterpret_cast<CoreName*>(name)();
  }

  using Multiply = void(const char*, const char*, const int*, const int*, const int*, const double*,
                        const double*, const int*, const double*, const int*, const double*, double*,
                        const int*);
  using SetThreads = void(int);
  using CoreName = char*();
  void* library_ = nullptr;
  Multiply* multiply_ = nullptr;
  SetThreads* set_threads_ = nullptr;
  std::string core_ = "unknown";
};

const OpenBlas& openblas() {
  static const OpenBlas library;
  return library;
}

/// The products and combinations of whole_round() by dgemm.
Work whole_round_by_openblas(Scene& scene, Index points) {
  struct Matrices {
    Matrix old, fresh, vectors, weights, products, with_middles, with_vectors, made;
  };
  const OpenBlas& blas = openblas();
  const Index d = scene.size.dimension, n = scene.size.history + points;
  const auto all = std::make_shared<Matrices>();
  all->old.resize(d, 3 * n + 3);  // steps, changes, middles, and three vectors
  for (Index k = 0; k < all->old.cols(); ++k)
    all->old.col(k) = noise(d, 1000 + static_cast<std::uint64_t>(k));
  all->fresh = all->old.leftCols(3 * points);
  all->vectors = all->old.rightCols(3);
  all->weights = Matrix::Constant(2 * n, points + 1, 1e-2);
  all->products.resize(3 * points, 2 * n);
  all->with_middles.resize(2 * points, n);
  all->with_vectors.resize(3, 3 * n + 3);
  all->made.resize(d, points + 1);
  return {.bytes = panel_bytes(scene, points), .prepare = {}, .run = [=, &blas] {
            const double* const rows = all->old.data();
            blas.multiply(true, all->fresh.data(), 3 * points, rows, 2 * n, d, all->products.data());
            blas.multiply(true, all->fresh.data(), 2 * points, rows + 2 * n * d, n, d,
                          all->with_middles.data());
            blas.multiply(true, all->vectors.data(), 3, rows, 3 * n + 3, d, all->with_vectors.data());
            blas.multiply(false, rows, 2 * n, all->weights.data(), points + 1, d, all->made.data());
          }};
}

}  // namespace

std::vector<Row> rows_of_surrogate() {
  std::vector<Row> rows{{"surrogate_append", append},
                        {"surrogate_append_by_gemm", append_by_gemm},
                        {"surrogate_combine", combine},
                        {"surrogate_round", whole_round},
                        {"surrogate_plan", plan}};
  if (openblas().is_there()) rows.push_back({"surrogate_round_by_openblas", whole_round_by_openblas});
  return rows;
}

}  // namespace optex::bench
