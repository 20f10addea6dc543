#include "json.hpp"

#include "optex/text/utf8.hpp"

#include <chrono>
#include <ctime>

#include <fmt/chrono.h>
#include <fmt/format.h>

namespace optex {

std::string to_line(const Json& value) {
  return value.dump(-1, ' ', false, nlohmann::detail::error_handler_t::replace) + "\n";
}

std::string to_page(const Json& value) {
  return value.dump(2, ' ', false, nlohmann::detail::error_handler_t::replace) + "\n";
}

std::string utc_time() {
  using namespace std::chrono;
  const auto now = time_point_cast<milliseconds>(system_clock::now());
  const auto whole = floor<seconds>(now);
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03d}Z", fmt::gmtime(system_clock::to_time_t(whole)),
                     (now - whole).count());
}

Json to_json(const std::vector<Measure>& measures) {
  Json object = Json::object();
  for (const Measure& measure : measures) {
    const std::string base = as_utf8(measure.name);
    std::string name = base;
    for (int number = 2; object.contains(name); ++number) name = fmt::format("{} ({})", base, number);
    object[name] = measure.value;
  }
  return object;
}

}  // namespace optex
