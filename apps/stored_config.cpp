#include "stored_config.hpp"

#include "optex/core/errors.hpp"
#include "optex/files/content_hash.hpp"

#include <string_view>
#include <utility>

#include "experiment.hpp"
#include <fmt/format.h>

namespace optex::app {
namespace {

constexpr std::string_view mark = "# made from config.toml with hash ";

bool was_changed(std::string_view given, std::string_view resolved) {
  if (!resolved.starts_with(mark)) return false;  // written by an earlier version
  resolved.remove_prefix(mark.size());
  return resolved.substr(0, resolved.find('\n')) != content_hash(given);
}

}  // namespace

std::string resolved_text(const GivenConfig& given) {
  return fmt::format("{}{}\n\n{}", mark, content_hash(given.text), given.config.to_toml());
}

std::string with_settings_of(std::string_view resolved, const Config& config) {
  const std::size_t end = resolved.starts_with(mark) ? resolved.find("\n\n") : std::string_view::npos;
  const std::string_view head = end == std::string_view::npos ? "" : resolved.substr(0, end + 2);
  return std::string(head) + config.to_toml();
}

GivenConfig stored_config(const std::filesystem::path& folder, const std::vector<Override>& overrides) {
  const std::filesystem::path file = folder / "resolved.toml";
  std::error_code no_matter;  // what cannot be looked at is not there
  if (!std::filesystem::exists(file, no_matter))
    throw IoError(fmt::format("{}: not a run's folder (it holds no resolved.toml)", folder.string()));
  // A folder may have been moved or renamed since: it is where it is now.
  std::vector<Override> all = in_folder(folder);
  all.insert(all.end(), overrides.begin(), overrides.end());
  const std::string resolved = read_config_text(file);
  Config config = parse_config(resolved, file.string(), all);
  const std::filesystem::path given_file = folder / "config.toml";
  std::string given =
      std::filesystem::exists(given_file, no_matter) ? read_config_text(given_file) : resolved;
  if (given != resolved && was_changed(given, resolved)) {
    std::vector<std::string> notes = config.notes();
    notes.push_back(
        fmt::format("{} has been changed since the run began, which changes nothing: the run goes on as {} "
                    "says; give keys on the command line (--section.key=value)",
                    given_file.string(), file.filename().string()));
    config = Config(config.settings(), std::move(notes));
  }
  return {std::move(given), std::move(config)};
}

}  // namespace optex::app
