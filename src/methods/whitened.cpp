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
#include <utility>
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

/// The numbers of one round, d and n x n. Two passes over the ring.
class WhitenedRound {
 public:
  /// `slots`: of the ring, for the round's centred gradients; empty: they are not kept.
  WhitenedRound(const Whitened::Options& options, RunState& run, const MeanGradient& mean,
                std::vector<double*> slots)
      : options_(options),
        run_(run),
        mean_(mean),
        slots_(std::move(slots)),
        d_(run.theta.size()),
        t_(static_cast<double>(++run.optimizer.step)),
        rule_{options.beta2, 1.0 / (1.0 - std::pow(options.beta2, t_)), options.epsilon},
        n_(!slots_.empty() && run.optimizer.step > 2 ? run.noisy.ring.cols() : 0),
        filled_(filled_up(n_, row_group)) {}

  /// v and D; the newcomers into the ring; and then, one after the other, S = R R' and R u with R = ring / D,
  /// u = gbar / D.
  std::vector<double> renew() {
    std::vector<double> sums(static_cast<std::size_t>(filled_ * filled_ + n_));
    const auto look = [&](Index i, double* out) {
      std::fill_n(out, sums.size(), 0.0);
      ScaledRows rows(n_);
      for (Index first = i * piece; first < std::min(d_, (i + 1) * piece); first += whitening::block)
        renew_block(first, std::min(whitening::block, d_ - first), rows, out);
    };
    parallel_sum((d_ + piece - 1) / piece, std::ssize(sums), look, sums.data());
    return sums;
  }

  /// a of (S + tr(S)/n I) a = R u; empty while there is nothing to whiten with.
  std::vector<double> weights(const std::vector<double>& sums) const {
    std::vector<double> a(static_cast<std::size_t>(n_));
    if (n_ == 0) return a;
    Matrix products = Matrix::Zero(n_, n_);
    for (Index r = 0; r < n_; ++r)
      for (Index s = 0; s <= r; ++s)
        products(r, s) = products(s, r) = sums[static_cast<std::size_t>(r * filled_ + s)];
    products.diagonal().array() += std::max(products.trace() / static_cast<double>(n_), 1e-30);
    Eigen::Map<Vector>(a.data(), n_) =
        products.llt().solve(Eigen::Map<const Vector>(sums.data() + filled_ * filled_, n_));
    return a;
  }

  /// z -= rate (u - R'a) / D; x += min(1, (r0 + 1)/(t + r0)) (z - x).
  void move(const std::vector<double>& a) {
    std::vector<const double*> rows;
    for (Index r = 0; r < n_; ++r) rows.push_back(run_.noisy.ring.col(r).data());
    const double follow = std::min(1.0, (warm_up + 1.0) / (t_ + warm_up));
    for_pieces(d_, [&](Index begin, Index length) {
      for (Index first = begin; first < begin + length; first += whitening::block) {
        const Index size = std::min(whitening::block, begin + length - first);
        whitening::step(rule_, gbar() + first, rows, a, options_.learning_rate, v() + first, z() + first,
                        first, size);
        Eigen::Map<Vector> moved(z() + first, size);
        auto average = run_.theta.segment(first, size);
        options_.bounds.project(moved, first);
        average += follow * (moved - average);
        options_.bounds.project(average, first);
      }
    });
  }

 private:
  const double* gbar() const { return mean_.gradient.data(); }
  double* z() { return run_.optimizer.moments.col(0).data(); }
  double* v() { return run_.optimizer.moments.col(1).data(); }

  void renew_block(Index first, Index size, ScaledRows& rows, double* out) {
    double inverse[whitening::block], u[whitening::block];
    whitening::renew_scales(rule_, gbar() + first, v() + first, inverse, size);
    for (std::size_t k = 0; k < slots_.size(); ++k)
      whitening::subtract(mean_.parts[k].data() + first, gbar() + first, slots_[k] + first, size);
    if (n_ == 0) return;
    const Index numbers = filled_up(size, row_lanes);
    whitening::scale_row(gbar() + first, inverse, u, size, size);
    for (Index r = 0; r < n_; ++r) {
      whitening::scale_row(run_.noisy.ring.col(r).data() + first, inverse, rows.row(r), size, numbers);
      out[filled_ * filled_ + r] += dot(rows.row(r), u, size);
    }
    add_row_products(rows.row(0), ScaledRows::stride, filled_, numbers, out);
  }

  const Whitened::Options& options_;
  RunState& run_;
  const MeanGradient& mean_;
  std::vector<double*> slots_;
  Index d_;
  double t_;
  whitening::Scaling rule_;
  Index n_;       // rows that whiten
  Index filled_;  // filled up to whole groups
};

}  // namespace

Whitened::Whitened(Evaluator& evaluator, Options options) : evaluator_(evaluator), options_(options) {}

RunState Whitened::initial_state(ConstVectorRef theta) const {
  RunState run;
  run.theta = theta;
  options_.bounds.project(run.theta);
  run.optimizer.moments = Matrix::Zero(theta.size(), 2);
  run.optimizer.moments.col(0) = run.theta;
  run.noisy.ring.resize(theta.size(), 0);
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
  const Index columns = std::min(options_.ring, run.noisy.ring.cols() + count);
  if (run.noisy.ring.cols() < columns) run.noisy.ring.conservativeResize(Eigen::NoChange, columns);
  std::vector<double*> slots;
  for (Index k = 0; k < count; ++k)
    slots.push_back(run.noisy.ring.col(static_cast<Index>(run.noisy.ring_pushes++ % options_.ring)).data());
  return slots;
}

IterationReport Whitened::iterate(RunState& run) {
  IterationReport report;
  report.update = options_.ring > 0 ? "whitened" : "schedule_free";
  const MeanGradient mean = evaluate_mean(evaluator_, place(run), options_.parallelism, options_.seed,
                                          options_.bounds, options_.any_batch, run, report);
  const Stopwatch watch;
  const bool centred = options_.ring > 0 && mean.parts.size() > 1;
  WhitenedRound round(options_, run, mean,
                      centred ? take_slots(run, std::ssize(mean.parts)) : std::vector<double*>());
  const std::vector<double> sums = round.renew();           // v, D; c into the ring; S = R R', R u
  const std::vector<double> weights = round.weights(sums);  // (S + tr(S)/n I) a = R u
  round.move(weights);                                      // z -= rate (u - R'a) / D; x follows z
  report.iteration = ++run.iteration;
  report.seconds_in.update += watch.seconds();
  return report;
}

}  // namespace optex
