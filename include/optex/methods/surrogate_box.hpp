#pragma once

#include <memory>

namespace optex {

struct SurrogateState;

/// A SurrogateState, as a value, whose definition only those need to know who look into it.
class SurrogateBox {
 public:
  SurrogateBox();
  SurrogateBox(const SurrogateBox& other);
  SurrogateBox(SurrogateBox&& other) noexcept;
  SurrogateBox& operator=(SurrogateBox other) noexcept;
  ~SurrogateBox();

  /// False before the first round of the method, and without it.
  bool begun() const;
  const SurrogateState& operator*() const;  ///< one that has not begun when there is none
  const SurrogateState* operator->() const { return &**this; }
  SurrogateState& operator*();  ///< made when there is none
  SurrogateState* operator->() { return &**this; }

 private:
  std::unique_ptr<SurrogateState> state_;
};

}  // namespace optex
