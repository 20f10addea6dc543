#include "optex/setup/sweep.hpp"

#include "optex/core/errors.hpp"

#include <algorithm>
#include <set>

#include "given.hpp"
#include "sweep_axes.hpp"
#include "toml_node.hpp"
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <xxhash.h>

namespace optex {
namespace {

constexpr std::size_t longest_name = 120;     // of a run's folder, in bytes
constexpr std::size_t most_sweep_lines = 20;  // of mistakes between keys: the same one comes in many runs
constexpr std::int64_t enough_runs = 500;     // to look for more of them when there is one

/// "optimizer.learning_rate" -> "learning_rate", "method.name" -> "method".
std::string short_label(const SweptAxis& axis) {
  if (!axis.option.empty()) return axis.option;
  return axis.key->name == "name" ? std::string(axis.key->section) : std::string(axis.key->name);
}

[[noreturn]] void refuse_sweep(const std::vector<Mistake>& mistakes) {
  std::vector<std::string> lines;
  for (const Mistake& mistake : mistakes) lines.push_back(mistake.line());
  throw UsageError(fmt::format("{}", fmt::join(lines, "\n")));
}

std::int64_t count_product(const std::vector<SweptAxis>& axes) {
  std::int64_t product = 1;
  for (const SweptAxis& axis : axes) {
    product *= static_cast<std::int64_t>(axis.values.size());
    if (product > most_sweep_runs) return product;
  }
  return product;
}

/// A folder's name: what a path cannot hold is replaced, long names are cut; then a hash keeps them apart.
std::string folder_name(const std::vector<SweepAxis>& axes, const std::vector<std::string>& values) {
  std::string whole;
  for (std::size_t i = 0; i < axes.size(); ++i)
    if (!values[i].empty())
      whole += fmt::format("{}{}={}", whole.empty() ? "" : ",", axes[i].label, values[i]);
  std::string name = whole.empty() ? "only" : whole;
  const auto is_plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("=,.-_+").find(c) != std::string_view::npos;
  };
  for (char& c : name)
    if (!is_plain(c)) c = '_';
  if (name == whole && name.size() <= longest_name) return name;
  if (whole.empty()) return name;
  name.resize(std::min(name.size(), longest_name));
  return fmt::format("{}-{:08x}", name, XXH32(whole.data(), whole.size(), 0));
}

/// The configuration as text without what names its folder: equal texts, equal runs.
std::string identity(const Config& config) {
  std::string text;
  for (const Setting& setting : config.settings())
    if (setting.key->full_name() != "run.name" && setting.key->full_name() != "run.output")
      text += setting.key->full_name() + "=" + to_toml(setting.value) + "\n";
  return text;
}

class Product {
 public:
  Product(GivenKeys file, GivenKeys command_line, std::string file_name, std::vector<SweptAxis> axes)
      : file_(std::move(file)),
        command_line_(std::move(command_line)),
        file_name_(std::move(file_name)),
        axes_(std::move(axes)) {
    // A key of the file need not apply in every run either.
    for (Given& given : file_.keys) given.swept = true;
  }

  Sweep make() {
    drop_overridden();
    set_folder();
    count_seeds();
    set_labels();
    const std::int64_t count = count_product(axes_);
    if (count > most_sweep_runs)
      throw UsageError(
          fmt::format("{}: [sweep] makes more than {} runs; shorten its lists", file_name_, most_sweep_runs));
    std::set<std::string> seen;
    std::vector<std::string> lines;
    std::vector<bool> used(axes_.size(), false);
    for (std::int64_t i = 0; i < count && (lines.empty() || i < enough_runs); ++i) add(i, seen, lines, used);
    if (!lines.empty()) throw UsageError(fmt::format("{}", fmt::join(lines, "\n")));
    std::vector<Mistake> idle;
    const auto refuse_idle = [&](const std::string& name, const Origin& origin) {
      idle.push_back({origin, name, name + " does nothing in any run of the sweep; remove it"});
    };
    for (std::size_t a = 0; a < axes_.size(); ++a)
      if (!used[a]) refuse_idle(axes_[a].name(), axes_[a].origin);
    for (const Given& given : file_.keys) {
      const bool overridden = std::any_of(command_line_.keys.begin(), command_line_.keys.end(),
                                          [&](const Given& g) { return g.key == given.key; });
      const bool applies = std::any_of(sweep_.runs.begin(), sweep_.runs.end(), [&](const SweepRun& run) {
        return run.config.has(given.key->full_name());
      });
      if (!applies && !overridden) refuse_idle(given.key->full_name(), given.origin);
    }
    if (!idle.empty()) refuse_sweep(idle);
    return std::move(sweep_);
  }

 private:
  void drop_overridden() {
    std::erase_if(axes_, [&](const SweptAxis& axis) {
      const bool given = std::any_of(command_line_.keys.begin(), command_line_.keys.end(),
                                     [&](const Given& g) { return axis.is_swept_by(g); });
      if (given)
        sweep_.notes.push_back(fmt::format("{}: put aside: {} is given on the command line",
                                           axis.origin.words(axis.name()), axis.name()));
      return given;
    });
  }

  /// What the file says by itself about its folder and its seed, without resolving the rest, which may need
  /// the swept keys.
  std::optional<Value> base(std::string_view name) const {
    const Key* const key = schema().find(name);
    for (const GivenKeys* const keys : {&command_line_, &file_})
      for (const Given& given : keys->keys)
        if (given.key == key && given.value) return given.value;
    if (key->defaults.empty()) return std::nullopt;
    return read_value(*key, key->defaults.front().value).value;
  }

  void set_folder() {
    const auto name = base("run.name");
    sweep_.folder = std::filesystem::path(std::get<std::string>(*base("run.output"))) /
                    (name ? std::get<std::string>(*name) : std::filesystem::path(file_name_).stem().string());
  }

  void count_seeds() {
    const std::int64_t first = std::get<std::int64_t>(*base("run.seed"));
    for (SweptAxis& axis : axes_)
      if (axis.counts_seeds)
        for (SweptValue& value : axis.values) value.value = first + std::get<std::int64_t>(value.value);
  }

  void set_labels() {
    for (const SweptAxis& axis : axes_) {
      const auto same = std::count_if(axes_.begin(), axes_.end(), [&](const SweptAxis& other) {
        return short_label(other) == short_label(axis);
      });
      SweepAxis plain{axis.name(), same > 1 ? axis.name() : short_label(axis), {}};
      for (const SweptValue& value : axis.values) plain.values.push_back(swept_text(value.value));
      sweep_.axes.push_back(std::move(plain));
    }
  }

  void add(std::int64_t number, std::set<std::string>& seen, std::vector<std::string>& lines,
           std::vector<bool>& used) {
    GivenKeys given = command_line_;
    std::erase_if(given.keys, [](const Given& g) {
      return g.key->full_name() == "run.name" || g.key->full_name() == "run.output";
    });
    std::vector<std::size_t> choice(axes_.size());
    for (std::size_t a = axes_.size(); a-- > 0;) {
      const auto size = static_cast<std::int64_t>(axes_[a].values.size());
      choice[a] = static_cast<std::size_t>(number % size);
      number /= size;
    }
    for (std::size_t a = 0; a < axes_.size(); ++a) {
      const SweptValue& value = axes_[a].values[choice[a]];
      const auto table = std::find_if(given.keys.begin(), given.keys.end(),
                                      [&](const Given& g) { return g.key == axes_[a].key && g.value; });
      if (axes_[a].option.empty() || table == given.keys.end())
        given.keys.push_back({axes_[a].key, value.value, value.origin, true});
      else
        std::get<OptionTable>(*table->value).insert(*std::get<OptionTable>(value.value).begin());
    }
    const Origin program{Origin::Source::command_line, {}, 0, 0};
    given.keys.push_back({schema().find("run.output"), sweep_.folder.string(), program});
    given.keys.push_back({schema().find("run.name"), std::string("run"), program});
    try {
      const Config config = resolve(schema(), file_, given, file_name_);
      if (!seen.insert(identity(config)).second) return;
      std::vector<std::string> values;
      for (std::size_t a = 0; a < axes_.size(); ++a) {
        const bool applies = config.has(axes_[a].key->full_name());
        values.push_back(applies ? sweep_.axes[a].values[choice[a]] : "");
        if (applies) used[a] = true;
      }
      given.keys.back().value = folder_name(sweep_.axes, values);
      sweep_.runs.push_back({static_cast<std::int64_t>(sweep_.runs.size()), values,
                             resolve(schema(), file_, given, file_name_)});
    } catch (const UsageError& error) {
      std::string rest = error.what();
      while (!rest.empty() && lines.size() < most_sweep_lines) {
        const std::size_t end = std::min(rest.find('\n'), rest.size());
        const std::string line = rest.substr(0, end);
        if (std::find(lines.begin(), lines.end(), line) == lines.end()) lines.push_back(line);
        rest.erase(0, std::min(end + 1, rest.size()));
      }
    }
  }

  GivenKeys file_, command_line_;
  std::string file_name_;
  std::vector<SweptAxis> axes_;
  Sweep sweep_;
};

}  // namespace

Sweep parse_sweep(std::string_view text, const std::string& name, const std::vector<Override>& overrides) {
  SweptAxes swept = read_axes(parse_toml(text, name), name);
  GivenKeys file = read_toml(schema(), text, name);
  const GivenKeys command_line = read_overrides(schema(), overrides);
  std::vector<Mistake> mistakes = file.mistakes;
  mistakes.insert(mistakes.end(), swept.mistakes.begin(), swept.mistakes.end());
  mistakes.insert(mistakes.end(), command_line.mistakes.begin(), command_line.mistakes.end());
  if (!mistakes.empty()) refuse_sweep(mistakes);
  return Product(std::move(file), command_line, name, std::move(swept.axes)).make();
}

Sweep read_sweep(const std::filesystem::path& file, const std::vector<Override>& overrides) {
  return parse_sweep(read_config_text(file), file.string(), overrides);
}

}  // namespace optex
