#include "optex/methods/whitened.hpp"

#include "optex/core/large_buffer.hpp"
#include "optex/core/parallel_for.hpp"
#include "optex/core/reductions.hpp"
#include "optex/core/row_products.hpp"
#include "optex/core/stopwatch.hpp"
#include "optex/methods/mean_gradient.hpp"

#include <algorithm>
#include <cmath>
#include <memory>
#include <vector>

#include "whitening.hpp"
#include <Eigen/Cholesky>

namespace optex {
namespace {

constexpr double warm_up = 3.0;  // r0: rounds in which the average still follows z closely
constexpr Index piece = whitening::block * whitening::blocks_a_piece;  // coordinates

/// Calls work(i, first, size) for every piece i of d coordinates, on all threads.
template <class Work>
void for_pieces(Index d, Work work) {
  parallel_for((d + piece - 1) / piece, 1, [&](Index i) { work(i * piece, std::min(piece, d - i * piece)); });
}

/// The rows of one block of R = ring / D, filled up with zeros, in scratch memory of this thread.
class ScaledRows {
 public:
  // The odd line at the end keeps rows from falling into the same few sets of the cache.
  static constexpr Index stride = whitening::block + row_lanes;

  explicit ScaledRows(Index count) : count_(count), filled_(filled_up(count, row_group)) {
    const std::size_t needed = sizeof(double) * static_cast<std::size_t>(filled_ * stride);
    if (memory().size() < needed) memory() = LargeBuffer(needed);
    std::fill_n(row(count_), (filled_ - count_) * stride, 0.0);
  }

  double* row(Index i) { return static_cast<double*>(memory().data()) + i * stride; }
  Index filled() const { return filled_; }

 private:
  static LargeBuffer& memory() {
    thread_local LargeBuffer buffer;
    return buffer;
  }
  Index count_, filled_;
};

}  // namespace

Whitened::Whitened(Evaluator& evaluator, Options options) : evaluator_(evaluator), options_(options) {}

RunState Whitened::initial_state(ConstVectorRef theta) const {
  RunState run;
  run.theta = theta;
  options_.bounds.project(run.theta);
  run.optimizer.moments = Matrix::Zero(theta.size(), 2);
  run.optimizer.moments.col(0) = run.theta;
  run.ring.resize(theta.size(), 0);
  return run;
}

/// Where a round's points stand: y = (1 - beta1) z + beta1 x.
std::shared_ptr<const Vector> Whitened::place(const RunState& run) const {
  const auto y = std::make_shared<Vector>(run.theta.size());
  for_pieces(y->size(), [&](Index first, Index size) {
    auto part = y->segment(first, size);
    part = (1.0 - options_.beta1) * run.optimizer.moments.col(0).segment(first, size) +
           options_.beta1 * run.theta.segment(first, size);
    options_.bounds.project(part, first);
  });
  return y;
}

/// Makes room for the centred gradients of a round: the ring fills up, then the oldest are overwritten.
std::vector<double*> Whitened::take_slots(RunState& run, Index count) const {
  const Index columns = std::min(options_.ring, run.ring.cols() + count);
  if (run.ring.cols() < columns) run.ring.conservativeResize(Eigen::NoChange, columns);
  std::vector<double*> slots;
  for (Index k = 0; k < count; ++k)
    slots.push_back(run.ring.col(static_cast<Index>(run.ring_pushes++ % options_.ring)).data());
  return slots;
}

IterationReport Whitened::iterate(RunState& run) {
  IterationReport report;
  report.update = options_.ring > 0 ? "whitened" : "schedule_free";
  const MeanGradient mean = evaluate_mean(evaluator_, place(run), options_.parallelism, options_.seed,
                                          options_.bounds, options_.any_batch, run, report);

  const Stopwatch watch;
  const Index d = run.theta.size();
  const double t = static_cast<double>(++run.optimizer.step);
  const whitening::Scaling rule{options_.beta2, 1.0 / (1.0 - std::pow(options_.beta2, t)), options_.epsilon};
  const double* const g = mean.gradient.data();
  double *const z = run.optimizer.moments.col(0).data(), *const v = run.optimizer.moments.col(1).data();

  const bool centred = options_.ring > 0 && mean.parts.size() > 1;
  const std::vector<double*> slots =
      centred ? take_slots(run, std::ssize(mean.parts)) : std::vector<double*>();
  const bool whiten = centred && run.optimizer.step > 2;
  const Index n = whiten ? run.ring.cols() : 0;
  const Index filled = filled_up(n, row_group);

  // First pass: v and D, the newcomers into the ring, and then R R' and R u with R = ring / D, u = g / D.
  std::vector<double> sums(static_cast<std::size_t>(filled * filled + n));
  const auto look = [&](Index i, double* out) {
    std::fill_n(out, sums.size(), 0.0);
    ScaledRows rows(n);
    double inverse[whitening::block], u[whitening::block];
    for (Index first = i * piece; first < std::min(d, (i + 1) * piece); first += whitening::block) {
      const Index size = std::min(whitening::block, d - first);
      whitening::renew_scales(rule, g + first, v + first, inverse, size);
      for (std::size_t k = 0; k < slots.size(); ++k)
        whitening::subtract(mean.parts[k].data() + first, g + first, slots[k] + first, size);
      if (!whiten) continue;
      const Index numbers = filled_up(size, row_lanes);
      whitening::scale_row(g + first, inverse, u, size, size);
      for (Index r = 0; r < n; ++r) {
        whitening::scale_row(run.ring.col(r).data() + first, inverse, rows.row(r), size, numbers);
        out[filled * filled + r] += dot(rows.row(r), u, size);
      }
      add_row_products(rows.row(0), ScaledRows::stride, filled, numbers, out);
    }
  };
  parallel_sum((d + piece - 1) / piece, std::ssize(sums), look, sums.data());

  // (R R' + mean eigenvalue I) a = R u
  std::vector<double> weights(static_cast<std::size_t>(n));
  std::vector<const double*> rows;
  if (whiten) {
    Matrix products(n, n);
    for (Index r = 0; r < n; ++r)
      for (Index s = 0; s <= r; ++s)
        products(r, s) = products(s, r) = sums[static_cast<std::size_t>(r * filled + s)];
    products.diagonal().array() += std::max(products.trace() / static_cast<double>(n), 1e-30);
    Eigen::Map<Vector>(weights.data(), n) =
        products.llt().solve(Eigen::Map<const Vector>(sums.data() + filled * filled, n));
    for (Index r = 0; r < n; ++r) rows.push_back(run.ring.col(r).data());
  }

  // Second pass: z -= rate (u - R'a) / D, x follows.
  const double follow = std::min(1.0, (warm_up + 1.0) / (t + warm_up));
  for_pieces(d, [&](Index begin, Index length) {
    for (Index first = begin; first < begin + length; first += whitening::block) {
      const Index size = std::min(whitening::block, begin + length - first);
      whitening::step(rule, g + first, rows, weights, options_.learning_rate, v + first, z + first, first,
                      size);
      Eigen::Map<Vector> moved(z + first, size);
      auto average = run.theta.segment(first, size);
      options_.bounds.project(moved, first);
      average += follow * (moved - average);
      options_.bounds.project(average, first);
    }
  });
  report.iteration = ++run.iteration;
  report.seconds_in.update += watch.seconds();
  return report;
}

}  // namespace optex
