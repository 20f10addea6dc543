#include "optex/setup/sweep.hpp"

#include "optex/core/errors.hpp"
#include "optex/setup/suggestion.hpp"

#include <algorithm>
#include <set>

#include "given.hpp"
#include "toml_node.hpp"
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <xxhash.h>

namespace optex {
namespace {

constexpr std::int64_t most_runs = 100'000;
constexpr std::size_t longest_name = 120;     // of a run's folder, in bytes
constexpr std::size_t most_sweep_lines = 20;  // of mistakes between keys: the same one comes in many runs

struct AxisValue {
  Value value;
  Origin origin;
};

struct Axis {
  const Key* key = nullptr;
  Origin origin;
  std::vector<AxisValue> values;
  bool counts_seeds = false;  ///< `seeds = K`: values are offsets from run.seed
  std::string option = {};  ///< of a table of options the one that is swept: values are tables with it alone

  std::string name() const { return option.empty() ? key->full_name() : key->full_name() + "." + option; }
  bool is_swept_by(const Given& given) const {
    if (given.key != key) return false;
    const auto* const table = given.value ? std::get_if<OptionTable>(&*given.value) : nullptr;
    return option.empty() || table == nullptr || table->contains(option);
  }
};

std::string for_people(const Value& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  if (const auto* number = std::get_if<double>(&value)) return compact(*number);
  if (const auto* list = std::get_if<IntegerList>(&value))
    return list->empty() ? "none" : fmt::format("{}", fmt::join(*list, "-"));
  if (const auto* table = std::get_if<OptionTable>(&value)) {
    const Option& option = table->begin()->second;
    const auto* number = std::get_if<double>(&option);
    return number != nullptr ? compact(*number) : plain_text(option);
  }
  std::string text = to_toml(value);
  std::erase(text, '"');
  return text;
}

/// "optimizer.learning_rate" -> "learning_rate", "method.name" -> "method".
std::string short_label(const Axis& axis) {
  if (!axis.option.empty()) return axis.option;
  return axis.key->name == "name" ? std::string(axis.key->section) : std::string(axis.key->name);
}

/// What one entry of a list sets: the key itself, or an option of its table.
std::optional<Value> entry_value(const toml::node& entry, const std::string& option) {
  std::optional<Value> value = toml_node_value(entry);
  if (!value || option.empty()) return value;
  if (const auto* flag = std::get_if<bool>(&*value)) return OptionTable{{option, *flag}};
  if (const auto* integer = std::get_if<std::int64_t>(&*value)) return OptionTable{{option, *integer}};
  if (const auto* number = std::get_if<double>(&*value)) return OptionTable{{option, *number}};
  if (const auto* text = std::get_if<std::string>(&*value)) return OptionTable{{option, *text}};
  return std::nullopt;
}

class SweepReader {
 public:
  explicit SweepReader(const std::string& file) : file_(file) {}

  void read(const toml::table& root) {
    const toml::node* const node = root.get("sweep");
    if (node == nullptr)
      throw UsageError(
          fmt::format("{}: there is no table [sweep] in it, such as\n{}: [sweep]\n{}: "
                      "\"optimizer.learning_rate\" = [0.01, 0.1]",
                      file_, file_, file_));
    const toml::table* const table = node->as_table();
    if (table == nullptr)
      wrong(toml_origin(file_, node->source()), "sweep",
            fmt::format("sweep must be a table of keys with lists, found {}", toml_node_name(*node)));
    else
      walk(*table, "");
    // toml++ keeps tables sorted by name.
    std::stable_sort(axes_.begin(), axes_.end(), [](const Axis& a, const Axis& b) {
      return std::pair(a.origin.line, a.origin.column) < std::pair(b.origin.line, b.origin.column);
    });
    if (axes_.empty() && mistakes_.empty())
      wrong(toml_origin(file_, node->source()), "sweep", "[sweep] names no key");
  }

  std::vector<Axis> axes_;
  std::vector<Mistake> mistakes_;

 private:
  void wrong(const Origin& at, const std::string& key, std::string what) {
    mistakes_.push_back({at, key, std::move(what)});
  }

  /// "optimizer.learning_rate" = [...] in quotes, and optimizer.learning_rate = [...] without.
  void walk(const toml::table& table, const std::string& prefix) {
    for (const auto& [name, node] : table) {
      const std::string path =
          prefix.empty() ? std::string(name.str()) : prefix + "." + std::string(name.str());
      const Origin at = toml_origin(file_, name.source());
      if (path == "seeds") {
        take_seeds(at, node);
      } else if (const Key* const options = table_of_options(prefix, path)) {
        take(*options, at, node, path.substr(options->full_name().size() + 1));
      } else if (const Key* const key = schema().find(path);
                 key && !(key->kind == Kind::options && node.is_table())) {
        take(*key, at, node);
      } else if (const toml::table* const inner = node.as_table()) {
        walk(*inner, path);
      } else {
        const std::size_t dot = path.rfind('.');
        wrong(at, path,
              unknown_key(schema(), dot == std::string::npos ? "" : path.substr(0, dot),
                          dot == std::string::npos ? path : path.substr(dot + 1)));
      }
    }
  }

  /// The table that "problem.options.stiffness" is in, in quotes or without; null for other keys.
  static const Key* table_of_options(const std::string& prefix, const std::string& path) {
    for (const Key& key : schema().keys())
      if (key.kind == Kind::options && (prefix == key.full_name() || path.starts_with(key.full_name() + ".")))
        return &key;
    return nullptr;
  }

  /// Both spellings of one key, and `seeds` beside "run.seed", name the same axis.
  bool is_new(const std::string& name, const Origin& at) {
    const bool fresh =
        std::none_of(axes_.begin(), axes_.end(), [&](const Axis& axis) { return axis.name() == name; });
    if (!fresh) wrong(at, name, fmt::format("{}: is swept twice", name));
    return fresh;
  }

  void take(const Key& key, const Origin& at, const toml::node& node, const std::string& option = {}) {
    const std::string name = option.empty() ? key.full_name() : key.full_name() + "." + option;
    if (name == "run.name" || name == "run.output")
      return wrong(at, name, fmt::format("{}: cannot be swept: the values name the runs' folders", name));
    const toml::array* const list = node.as_array();
    if (list == nullptr || list->empty())
      return wrong(toml_origin(file_, node.source()), name,
                   fmt::format("{}: must be a list of values, such as [{}]", name,
                               list != nullptr ? "a, b" : "this value, another one"));
    if (!is_new(name, at)) return;
    Axis axis{&key, at, {}, false, option};
    for (const toml::node& entry : *list) {
      const Origin place = toml_origin(file_, entry.source());
      const std::optional<Value> value = entry_value(entry, option);
      const std::string wanted = option.empty() ? describe_values(key) : "strings, numbers or booleans";
      const Reading reading =
          value ? check_value(key, *value)
                : Reading{std::nullopt, fmt::format("must be {}, found {}", wanted, toml_node_name(entry))};
      if (!reading.value) {
        wrong(place, name, fmt::format("{}: {}", name, reading.problem));
        continue;
      }
      const bool known = std::any_of(axis.values.begin(), axis.values.end(),
                                     [&](const AxisValue& v) { return v.value == *reading.value; });
      if (known)
        wrong(place, name,
              fmt::format("{}: {} is in the list twice", name,
                          option.empty() ? to_toml(*reading.value) : for_people(*reading.value)));
      else
        axis.values.push_back({*reading.value, place});
    }
    axes_.push_back(std::move(axis));
  }

  void take_seeds(const Origin& at, const toml::node& node) {
    const auto* const count = node.as_integer();
    if (count == nullptr || count->get() < 1 || count->get() > most_runs)
      return wrong(toml_origin(file_, node.source()), "sweep.seeds",
                   fmt::format("seeds: must be an integer in [1, {}]: so many runs each, with run.seed, "
                               "run.seed + 1, ...",
                               most_runs));
    const Key& seed = *schema().find("run.seed");
    if (!is_new(seed.full_name(), at)) return;
    Axis axis{&seed, at, {}, true};
    for (std::int64_t i = 0; i < count->get(); ++i) axis.values.push_back({Value(i), at});
    axes_.push_back(std::move(axis));
  }

  const std::string& file_;
};

[[noreturn]] void refuse_sweep(const std::vector<Mistake>& mistakes) {
  std::vector<std::string> lines;
  for (const Mistake& mistake : mistakes) lines.push_back(mistake.line());
  throw UsageError(fmt::format("{}", fmt::join(lines, "\n")));
}

std::int64_t count_product(const std::vector<Axis>& axes) {
  std::int64_t product = 1;
  for (const Axis& axis : axes) {
    product *= static_cast<std::int64_t>(axis.values.size());
    if (product > most_runs) return product;
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
  Product(GivenKeys file, GivenKeys command_line, std::string file_name, std::vector<Axis> axes)
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
    if (count > most_runs)
      throw UsageError(
          fmt::format("{}: [sweep] makes more than {} runs; shorten its lists", file_name_, most_runs));
    std::set<std::string> seen;
    std::vector<std::string> lines;
    std::vector<bool> used(axes_.size(), false);
    for (std::int64_t i = 0; i < count; ++i) add(i, seen, lines, used);
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
    std::erase_if(axes_, [&](const Axis& axis) {
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
    for (Axis& axis : axes_)
      if (axis.counts_seeds)
        for (AxisValue& value : axis.values) value.value = first + std::get<std::int64_t>(value.value);
  }

  void set_labels() {
    for (const Axis& axis : axes_) {
      const auto same = std::count_if(axes_.begin(), axes_.end(), [&](const Axis& other) {
        return short_label(other) == short_label(axis);
      });
      SweepAxis plain{axis.name(), same > 1 ? axis.name() : short_label(axis), {}};
      for (const AxisValue& value : axis.values) plain.values.push_back(for_people(value.value));
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
      const AxisValue& value = axes_[a].values[choice[a]];
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
  std::vector<Axis> axes_;
  Sweep sweep_;
};

}  // namespace

Sweep parse_sweep(std::string_view text, const std::string& name, const std::vector<Override>& overrides) {
  SweepReader reader(name);
  reader.read(parse_toml(text, name));
  GivenKeys file = read_toml(schema(), text, name);
  const GivenKeys command_line = read_overrides(schema(), overrides);
  std::vector<Mistake> mistakes = file.mistakes;
  mistakes.insert(mistakes.end(), reader.mistakes_.begin(), reader.mistakes_.end());
  mistakes.insert(mistakes.end(), command_line.mistakes.begin(), command_line.mistakes.end());
  if (!mistakes.empty()) refuse_sweep(mistakes);
  return Product(std::move(file), command_line, name, std::move(reader.axes_)).make();
}

Sweep read_sweep(const std::filesystem::path& file, const std::vector<Override>& overrides) {
  return parse_sweep(read_config_text(file), file.string(), overrides);
}

}  // namespace optex
