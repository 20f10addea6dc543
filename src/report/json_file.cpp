#include "json_file.hpp"

#include "optex/core/errors.hpp"
#include "optex/core/printable.hpp"
#include "optex/files/reading.hpp"

#include <limits>

namespace optex {

std::optional<ReportJson> read_json_object(const std::filesystem::path& file) {
  try {
    const auto text = files::read_text_if_there(file);
    if (!text) return std::nullopt;
    ReportJson object = ReportJson::parse(*text, nullptr, false);
    if (object.is_discarded() || !object.is_object()) return std::nullopt;
    return object;
  } catch (const IoError&) {
    return std::nullopt;  // a pipe, a device, a link, a gigabyte: no file that a run writes
  }
}

bool read_lines(const std::filesystem::path& file, const std::function<void(const std::string&)>& take) {
  try {
    files::LineReader lines(files::open_for_reading(file));
    for (std::string text; lines.next(text);)
      if (lines.was_whole()) take(text);
    return true;
  } catch (const IoError&) {
    return false;
  }
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

std::string report_json_text(const ReportJson& value, int indent) {
  return value.dump(indent, ' ', false, nlohmann::detail::error_handler_t::replace);
}

}  // namespace optex
