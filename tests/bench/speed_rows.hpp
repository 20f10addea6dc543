#pragma once

#include <functional>
#include <string>
#include <vector>

#include "speed_scene.hpp"

namespace optex::bench {

/// A piece of rank 0's work, ready to be timed.
struct Work {
  double bytes = 0.0;             ///< that it must move at least; 0: nothing of size d
  std::function<void()> prepare;  ///< before every repetition, not timed
  std::function<void()> run;
};

/// A kind of work: what the program calls it, and how it is set up in a scene with so many points a round.
struct Row {
  std::string name;
  std::function<Work(Scene&, Index points)> set_up;
};

/// Rows that depend on the number of points, on the history alone, and on nothing but d.
std::vector<Row> rows_with_points();
std::vector<Row> rows_of_surrogate();  ///< with points, too
std::vector<Row> rows_of_history();
std::vector<Row> rows_of_dimension();

}  // namespace optex::bench
