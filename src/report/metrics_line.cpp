#include "metrics_line.hpp"

#include <algorithm>
#include <cmath>

#include <nlohmann/json.hpp>

namespace optex {
namespace {

/// Counts beyond what doubles count exactly are damage.
std::int64_t whole(double x) { return std::abs(x) < 9e15 ? static_cast<std::int64_t>(x) : 0; }

/// Takes the values of a line as the parser meets them.
class LineReader : public nlohmann::json_sax<nlohmann::json> {
 public:
  explicit LineReader(MetricsLine& line) : line_(line) {}

  // Not a number, of which JSON knows nothing: it keeps its place in a list.
  bool null() override { return !in_array_ || number(std::numeric_limits<double>::quiet_NaN()); }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t x) override { return number(static_cast<double>(x)); }
  bool number_unsigned(number_unsigned_t x) override { return number(static_cast<double>(x)); }
  bool number_float(number_float_t x, const string_t&) override { return number(x); }
  bool string(string_t& text) override {
    if (depth_ == 1 && key_ == "update") line_.update = text;
    if (depth_ == 1 && key_ == "winner") line_.winner = text;
    return true;
  }
  bool binary(binary_t&) override { return true; }
  bool start_object(std::size_t) override {
    ++depth_;
    if (depth_ == 2) outer_ = key_;
    return depth_ <= 2 && !in_array_;
  }
  bool end_object() override {
    --depth_;
    return true;
  }
  bool key(string_t& name) override {
    key_ = name;
    return true;
  }
  bool start_array(std::size_t) override {
    in_array_ = true;
    return depth_ == 1;
  }
  bool end_array() override {
    in_array_ = false;
    return true;
  }
  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) override {
    return false;
  }

 private:
  bool number(double x) {
    if (depth_ == 1 && in_array_) {
      if (key_ == "depths") line_.depths.push_back(x);
      if (key_ == "prediction_error") line_.prediction_error.push_back(x);
      if (key_ == "prediction_cosine") line_.prediction_cosine.push_back(x);
    } else if (depth_ == 1) {
      take(x);
    } else if (depth_ == 2 && outer_ == "seconds_in") {
      const auto phase = std::find(phase_names.begin(), phase_names.end(), key_);
      if (phase != phase_names.end()) line_.phases[static_cast<std::size_t>(phase - phase_names.begin())] = x;
    } else if (depth_ == 2 && outer_ == "quality") {
      line_.quality.emplace_back(key_, x);
    }
    return true;
  }

  void take(double x) {
    if (key_ == "iteration") {
      line_.row.round = whole(x);
      line_.has_round = true;
    } else if (key_ == "value") {
      line_.row.value = x;
    } else if (key_ == "best_value") {
      line_.row.best_value = x;
    } else if (key_ == "gradient_norm") {
      line_.row.gradient_norm = x;
    } else if (key_ == "evaluations") {
      line_.row.evaluations = whole(x);
    } else if (key_ == "seconds") {
      line_.row.seconds = x;
    } else if (key_ == "accepted") {
      line_.accepted = x;
    } else if (key_ == "reach") {
      line_.reach = x;
    } else if (key_ == "dropped_points") {
      line_.dropped = x;
    } else if (key_ == "lengthscale") {
      line_.lengthscale = x;
    } else if (key_ == "nugget") {
      line_.nugget = x;
    } else if (key_ == "final_value") {
      line_.final_value = x;
    }
  }

  MetricsLine& line_;
  std::string key_, outer_;
  int depth_ = 0;
  bool in_array_ = false;
};

}  // namespace

bool read_metrics_line(std::string_view text, MetricsLine& line) {
  line = MetricsLine();
  LineReader reader(line);
  return nlohmann::json::sax_parse(text, &reader) && line.has_round && line.row.round > 0;
}

}  // namespace optex
