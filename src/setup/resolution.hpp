#pragma once

#include <map>
#include <optional>
#include <string>

#include "given.hpp"

namespace optex {

/// Three-valued, so that one wrong name does not raise errors about every key that depends on it.
enum class Truth { no, yes, unknown };

/// What each key comes to: whether it applies, and its value, given or default. Each key is settled
/// once, after those that its conditions name.
class Resolution {
 public:
  struct State {
    Truth applies = Truth::yes;
    bool missing = false;          ///< required and not given
    bool broken = false;           ///< given, but wrong
    std::optional<Value> value;    ///< unset when it does not apply or has no default
    const Given* given = nullptr;  ///< null for a default
  };

  /// `command_line` wins over `file`; both must outlive this.
  Resolution(const Schema& schema, const GivenKeys& file, const GivenKeys& command_line);

  const State& state(const Key& key) const { return states_.at(&key); }

  /// Why a key that does not apply does nothing: "with problem.name = "sphere", only with 'softmax'".
  std::string reason(const Key& key) const;

  /// What the key is when nobody gives it, as far as the table says.
  std::optional<Value> usual(const Key& key) const;

 private:
  void settle(const Key& key);
  Truth holds(const Condition& condition) const;
  const Default* default_of(const Key& key) const;

  const Schema& schema_;
  std::map<const Key*, const Given*> given_;
  std::map<const Key*, State> states_;
};

}  // namespace optex
