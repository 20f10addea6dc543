#include "optex/methods/surrogate_box.hpp"

#include "optex/methods/surrogate_state.hpp"

#include <utility>

namespace optex {

SurrogateBox::SurrogateBox() = default;
SurrogateBox::SurrogateBox(const SurrogateBox& other)
    : state_(other.state_ ? std::make_unique<SurrogateState>(*other.state_) : nullptr) {}
SurrogateBox::SurrogateBox(SurrogateBox&& other) noexcept = default;
SurrogateBox& SurrogateBox::operator=(SurrogateBox other) noexcept {
  state_ = std::move(other.state_);
  return *this;
}
SurrogateBox::~SurrogateBox() = default;

bool SurrogateBox::begun() const { return state_ && state_->begun(); }

const SurrogateState& SurrogateBox::operator*() const {
  static const SurrogateState none;
  return state_ ? *state_ : none;
}

SurrogateState& SurrogateBox::operator*() {
  if (!state_) state_ = std::make_unique<SurrogateState>();
  return *state_;
}

}  // namespace optex
