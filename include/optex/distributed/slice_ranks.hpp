#pragma once

#include "optex/core/coordinate_slices.hpp"
#include "optex/distributed/communicator.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace optex {

/// The first ranks of a communicator, each with its slice of every long vector: as many as can hold whole
/// segments, the slices as even as these allow.
///
/// A sum travels up a binomial tree of the ranks as the sums of their segments, which rank 0 adds up in their
/// order, and its totals travel down again: 2 log2(P) messages one after the other, 2 (P - 1) in all, of
/// which rank 0 receives at most 8 width min(256, d / 65,536) bytes. The digits are those of one rank.
class SliceRanks final : public CoordinateSlices {
 public:
  /// On the ranks that hold a slice: those below holders(). Nobody else may use the communicator, which must
  /// outlive this object.
  SliceRanks(Communicator& communicator, Index whole);

  /// How many ranks hold a slice when there are so many.
  static int holders(Index whole, int ranks);

  /// What brings the others from their work to share(): rank 0 only, before the first call().
  void on_call(std::function<void()> summon) { summon_ = std::move(summon); }
  /// Rank 0: hears that a rank was silent, before the StallError is thrown.
  void on_silence(std::function<void()> hear) { on_silence_ = std::move(hear); }
  /// The others: the step that rank 0 has called for.
  JointStep called();

  Index whole() const override { return whole_; }
  Slice mine() const override { return slices_[static_cast<std::size_t>(communicator_.rank())]; }
  void add_up(const std::vector<double>& segments, Index width, double* totals) override;
  Vector gather(ConstVectorRef slice) override;
  Vector scatter(ConstVectorRef whole) override;
  std::string share(const std::string& text) override;
  void call(JointStep step) override;

 private:
  int holders() const { return static_cast<int>(slices_.size()); }
  Index segments_of(int rank) const;
  template <class Exchange>
  void listen(Exchange exchange);
  void send(int peer, int tag, Vector numbers, const std::string& what);
  void receive(int peer, int tag, VectorRef numbers, const std::string& what);

  Communicator& communicator_;
  Index whole_;
  std::vector<Slice> slices_;
  std::function<void()> summon_, on_silence_;
};

}  // namespace optex
