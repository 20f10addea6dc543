#pragma once

#include "optex/files/descriptor.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace optex {

/// The terminal on which a person sees what is written to a descriptor, if there is one.
///
/// Under mpirun the descriptors of a rank say nothing: Open MPI gives every rank a pipe for stderr and a
/// pseudo-terminal without a size for stdout, wherever its own output goes. Who starts it may say in
/// OPTEX_TERMINAL where a person sees stderr, as run_cluster.sh does.
class Terminal {
 public:
  explicit Terminal(int descriptor);

  /// A terminal on which a line can be redrawn (not a dumb one).
  bool exists() const { return seen_ >= 0; }
  /// It exists and NO_COLOR is not set.
  bool wants_colour() const;
  /// Columns now; 80 when it does not say.
  std::size_t width() const;

 private:
  std::unique_ptr<files::Descriptor> announced_;
  int seen_ = -1;
};

/// Writes all of it, or drops the rest when nobody takes it.
void put(int descriptor, std::string_view text);

/// "45.2s", "3m12s", "2h05m", "4d03h".
std::string duration_text(double seconds);

}  // namespace optex
