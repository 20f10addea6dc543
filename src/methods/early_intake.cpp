#include "optex/methods/early_intake.hpp"

#include <utility>

namespace optex {

EarlyIntake::EarlyIntake(const GradientHistory& history, const Units& units,
                         std::vector<const double*> thetas, Index chain,
                         std::function<double(double value)> ceiling)
    : thetas_(std::move(thetas)),
      chain_(chain),
      ceiling_of_(std::move(ceiling)),
      pairs_(history, units, std::ssize(thetas_)) {}

EarlyIntake::EarlyIntake(const GradientHistory& history, const Units& units,
                         std::vector<const double*> thetas)
    : EarlyIntake(history, units, thetas, std::ssize(thetas), {}) {}

Index EarlyIntake::place_of(Index submission) const {
  const Index off_chain = std::ssize(thetas_) - chain_;
  return submission < chain_ ? off_chain + submission : submission - chain_;
}

void EarlyIntake::arrived(Index submission, const Evaluation& answer) {
  if (submission >= std::ssize(thetas_)) return;  // somebody else's
  if (!is_usable(answer)) return pairs_.leave_out(place_of(submission));
  const Undecided usable{submission, answer.value, answer.gradient.data()};
  if (submission == 0 && ceiling_of_) {
    ceiling_ = ceiling_of_(answer.value);
    ceiling_is_known_ = true;
    for (const Undecided& one : undecided_) decide(one);
    undecided_.clear();
  }
  if (submission >= chain_ && !ceiling_is_known_)
    undecided_.push_back(usable);
  else
    decide(usable);
}

void EarlyIntake::decide(const Undecided& answer) {
  const Index place = place_of(answer.submission);
  if (answer.submission >= chain_ && !(answer.value <= ceiling_)) return pairs_.leave_out(place);
  pairs_.add(place, thetas_[static_cast<std::size_t>(answer.submission)], answer.gradient);
}

std::vector<const double*> addresses_of(const ProxyChain& chain) {
  std::vector<const double*> addresses;
  for (const auto& point : chain.points) addresses.push_back(point->data());
  return addresses;
}

}  // namespace optex
