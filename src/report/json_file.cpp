#include "json_file.hpp"

#include "optex/core/printable.hpp"

#include <cmath>
#include <fstream>
#include <iterator>
#include <limits>

namespace optex {

std::optional<ReportJson> read_json_object(const std::filesystem::path& file) {
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(file, ignored)) return std::nullopt;
  std::ifstream in(file, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  ReportJson object = ReportJson::parse(text, nullptr, false);
  if (object.is_discarded() || !object.is_object()) return std::nullopt;
  return object;
}

double number_in(const ReportJson& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end() || !found->is_number()) return std::numeric_limits<double>::quiet_NaN();
  return found->get<double>();
}

std::int64_t integer_in(const ReportJson& object, const char* name) {
  const auto found = object.find(name);
  return found == object.end() || !found->is_number_integer() ? 0 : found->get<std::int64_t>();
}

std::string text_in(const ReportJson& object, const char* name) {
  const auto found = object.find(name);
  return found == object.end() || !found->is_string() ? std::string()
                                                      : printable(found->get_ref<const std::string&>());
}

ReportJson finite_or_null(double number) { return std::isfinite(number) ? ReportJson(number) : ReportJson(); }

std::string report_json_text(const ReportJson& value, int indent) {
  return value.dump(indent, ' ', false, nlohmann::detail::error_handler_t::replace);
}

}  // namespace optex
