#include "optex/external/plugin.hpp"

#include "optex/core/absolute_path.hpp"
#include "optex/core/errors.hpp"
#include "optex/core/printable.hpp"
#include "optex/external/inside_plugin.hpp"
#include "optex/plugin.h"

#include <array>
#include <cstddef>
#include <cstring>
#include <system_error>
#include <utility>

#include "said_text.hpp"
#include <dlfcn.h>
#include <fmt/format.h>
#include <sys/stat.h>

namespace optex {
namespace {

namespace fs = std::filesystem;

using ErrorText = std::array<char, 4096>;

/// What the library wrote, up to its end or that of the buffer.
std::string text_of(const ErrorText& error, const char* otherwise) {
  const std::string text = said_text({error.data(), strnlen(error.data(), error.size())});
  return text.empty() ? otherwise : text;
}

/// Whoever can change the library can do everything that the user can.
void refuse_if_writable_by_all(const fs::path& library) {
  struct stat file {};
  struct stat folder {};
  if (stat(library.c_str(), &file) != 0)
    throw IoError(fmt::format("{}: {}", library.string(), std::strerror(errno)));
  if (!S_ISREG(file.st_mode)) throw IoError(fmt::format("{}: is not a file", library.string()));
  const bool open_folder = stat(library.parent_path().c_str(), &folder) == 0 &&
                           (folder.st_mode & S_IWOTH) != 0 && (folder.st_mode & S_ISVTX) == 0;
  if ((file.st_mode & S_IWOTH) != 0 || open_folder)
    throw UsageError(fmt::format("{0}: everybody may write to {1}, so it is not loaded; chmod o-w {2}",
                                 library.string(), open_folder ? "its folder" : "it",
                                 open_folder ? library.parent_path().string() : library.string()));
}

/// The library's handle for dlsym.
void* open_library(const fs::path& library) {
  refuse_if_writable_by_all(library);
  std::error_code error;
  const fs::path behind_links = fs::canonical(library, error);
  if (!error && behind_links != library) refuse_if_writable_by_all(behind_links);
  const std::string name = library.string();
  const InsidePlugin loading(name, "its loading");  // constructors run
  void* const handle = dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) {
    const char* const cause = dlerror();
    throw IoError(fmt::format("{}: cannot be loaded: {}", library.string(),
                              cause != nullptr ? cause : "no reason given"));
  }
  return handle;
}

const optex_plugin& plugin_in(void* handle, const fs::path& library) {
  void* const symbol = dlsym(handle, "optex_get_plugin");
  if (symbol == nullptr)
    throw UsageError(fmt::format(
        "{}: is no plug-in: it has no function optex_get_plugin (see optex/plugin.h)", library.string()));
  optex_get_plugin_function get = nullptr;
  static_assert(sizeof get == sizeof symbol);
  std::memcpy(&get, &symbol, sizeof get);
  const optex_plugin* const plugin = get();
  const auto broken = [&](const std::string& what) { return UsageError(library.string() + ": " + what); };
  if (plugin == nullptr) throw broken("optex_get_plugin returned no plug-in");
  if (plugin->version != OPTEX_PLUGIN_VERSION)
    throw broken(
        fmt::format("was built for version {} of plug-ins, this program has version {}; build it with "
                    "this program's optex/plugin.h",
                    plugin->version, OPTEX_PLUGIN_VERSION));
  constexpr std::size_t oldest = offsetof(optex_plugin, exhibits);  // what came later may be missing
  if (plugin->size < oldest)
    throw broken(
        fmt::format("its optex_plugin has {} bytes, {} are expected; set size to sizeof(optex_plugin)",
                    plugin->size, sizeof(optex_plugin)));
  for (const auto& [there, name] :
       {std::pair{plugin->create != nullptr, "create"}, std::pair{plugin->dimension != nullptr, "dimension"},
        std::pair{plugin->value_and_gradient != nullptr, "value_and_gradient"}})
    if (!there) throw broken(fmt::format("its optex_plugin has no {}", name));
  return *plugin;
}

optex_sample_key key_for(const SampleKey& key) {
  return {sizeof(optex_sample_key), key.whole ? 1 : 0, key.seed, key.iteration, key.point, key.batch};
}

void collect_measure(void* to, const char* name, double value) {
  static_cast<std::vector<Measure>*>(to)->push_back({name != nullptr ? name : "", value});
}

void collect_entry(void* to, std::int64_t row, std::int64_t column, double value) {
  static_cast<std::vector<HessianEntry>*>(to)->push_back({row, column, value});
}

Vector copied(const double* numbers, Index count) { return Eigen::Map<const Vector>(numbers, count); }

/// What is no exhibit is told by its name, when all of them have come.
struct Collected {
  std::vector<Exhibit> exhibits;
  std::string fault;
};

void collect_exhibit(void* to, const optex_exhibit* shown) {
  auto& [exhibits, fault] = *static_cast<Collected*>(to);
  constexpr Index most = Index{1} << 31;  // of rows, of columns and of numbers
  if (shown == nullptr || shown->size < sizeof(optex_exhibit) || shown->name == nullptr) {
    fault = "an exhibit has no name, or its size is not sizeof(optex_exhibit)";
    return;
  }
  const Index rows = shown->rows, columns = shown->columns;
  const bool possible =
      rows >= 1 && columns >= 1 && rows <= most && columns <= most && rows <= most / columns;
  if (!possible || shown->values == nullptr || shown->kind > OPTEX_FIELD_LOWER) {
    fault = fmt::format("exhibit '{}': {} x {} numbers of kind {}{}", printable(shown->name), rows, columns,
                        shown->kind, shown->values == nullptr ? " that are not there" : "");
    return;
  }
  static_assert(static_cast<int>(ExhibitKind::field) == OPTEX_FIELD &&
                static_cast<int>(ExhibitKind::image) == OPTEX_IMAGE &&
                static_cast<int>(ExhibitKind::curve) == OPTEX_CURVE &&
                static_cast<int>(ExhibitKind::field_lower) == OPTEX_FIELD_LOWER);
  Exhibit exhibit{shown->name,
                  rows,
                  columns,
                  copied(shown->values, rows * columns),
                  static_cast<ExhibitKind>(shown->kind),
                  shown->unit != nullptr ? shown->unit : ""};
  if (shown->truth != nullptr) exhibits.push_back(truth_for(exhibit, copied(shown->truth, rows * columns)));
  exhibits.push_back(std::move(exhibit));
}

}  // namespace

struct Plugin::Loaded {
  std::string path;
  const optex_plugin* functions = nullptr;
  void* objective = nullptr;
  Index dimension = 0;
  Index shards = 1;
  bool noisy = false;
  bool uses_mpi = false;

  InsidePlugin inside(const char* function) const { return {path, function}; }
};

Plugin::Plugin(const fs::path& library, const ExternalSettings& settings)
    : loaded_(std::make_unique<Loaded>()) {
  const fs::path path = absolute_path(library);
  loaded_->path = path.string();
  const InsidePlugin loading = loaded_->inside("its start");
  void* const handle = open_library(path);
  loaded_->functions = &plugin_in(handle, path);
  loaded_->uses_mpi = dlsym(handle, "MPI_Comm_rank") != nullptr;  // in the library or in what it needs
  const optex_plugin& functions = *loaded_->functions;

  std::vector<optex_option> options;
  for (const ExternalOption& option : settings.options) {
    if (option.value.find('\0') != std::string::npos)
      throw UsageError(fmt::format("{}: problem.options.{}: has a character 0 in it, where C text would end",
                                   loaded_->path, option.name));
    options.push_back({option.name.c_str(), option.value.c_str()});
  }
  const optex_settings told{sizeof(optex_settings), static_cast<std::uint32_t>(options.size()),
                            options.data(), settings.seed, worker_communicator()};
  ErrorText error{};
  if (functions.create(&told, &loaded_->objective, error.data(), error.size()) != OPTEX_OK)
    throw UsageError(fmt::format("{}: {}", loaded_->path, text_of(error, "create failed without a reason")));
  try {
    loaded_->dimension = functions.dimension(loaded_->objective);
    if (functions.shard_count != nullptr) loaded_->shards = functions.shard_count(loaded_->objective);
    if (functions.is_noisy != nullptr) loaded_->noisy = functions.is_noisy(loaded_->objective) != 0;
    if (loaded_->dimension < 1)
      throw UsageError(
          fmt::format("{}: its dimension is {}, at least 1 is needed", loaded_->path, loaded_->dimension));
    if (loaded_->shards < 1 || loaded_->shards > most_shards)
      throw UsageError(fmt::format("{}: its shard count is {}, 1 to {} are possible", loaded_->path,
                                   loaded_->shards, most_shards));
  } catch (...) {
    if (functions.destroy != nullptr) functions.destroy(loaded_->objective);
    throw;
  }
}

Plugin::~Plugin() {
  if (loaded_->functions->destroy != nullptr) loaded_->functions->destroy(loaded_->objective);
}

Index Plugin::dimension() const { return loaded_->dimension; }
Index Plugin::shard_count() const { return loaded_->shards; }
bool Plugin::is_noisy() const { return loaded_->noisy; }
bool Plugin::uses_mpi() const { return loaded_->uses_mpi; }

Vector Plugin::initial_point() const {
  Vector theta = Vector::Zero(loaded_->dimension);
  if (loaded_->functions->initial_point == nullptr) return theta;
  const InsidePlugin inside = loaded_->inside("initial_point");
  ErrorText error{};
  if (loaded_->functions->initial_point(loaded_->objective, theta.data(), error.data(), error.size()) !=
      OPTEX_OK)
    throw EvaluationError(
        fmt::format("{}: no initial point: {}", loaded_->path, text_of(error, "no reason given")));
  return theta;
}

double Plugin::value_and_gradient(ConstVectorRef theta, const SampleKey& key, Index shard,
                                  VectorRef gradient) const {
  ErrorText error{};
  double value = 0.0;
  const optex_sample_key sample = key_for(key);
  const InsidePlugin inside = loaded_->inside("value_and_gradient");
  switch (loaded_->functions->value_and_gradient(loaded_->objective, theta.data(), &sample, shard, &value,
                                                 gradient.data(), error.data(), error.size())) {
    case OPTEX_OK:
      return value;
    case OPTEX_INFEASIBLE:
      throw InfeasiblePoint(text_of(error, ""));
    default:
      throw EvaluationError(text_of(error, "the plug-in failed without a reason"));
  }
}

std::vector<HessianEntry> Plugin::known_hessian(ConstVectorRef theta) const {
  const optex_plugin& functions = *loaded_->functions;
  if (functions.size < sizeof(optex_plugin) || functions.known_hessian == nullptr) return {};
  const InsidePlugin inside = loaded_->inside("known_hessian");
  ErrorText error{};
  std::vector<HessianEntry> entries;
  const int answer = functions.known_hessian(loaded_->objective, theta.data(), collect_entry, &entries,
                                             error.data(), error.size());
  const std::string text = fmt::format("known_hessian: {}", text_of(error, "no reason given"));
  if (answer == OPTEX_INFEASIBLE) throw InfeasiblePoint(text);
  if (answer != OPTEX_OK) throw EvaluationError(text);
  return entries;
}

std::vector<Measure> Plugin::assess(ConstVectorRef theta) const {
  std::vector<Measure> measures;
  if (loaded_->functions->assess == nullptr) return measures;
  const InsidePlugin inside = loaded_->inside("assess");
  ErrorText error{};
  if (loaded_->functions->assess(loaded_->objective, theta.data(), collect_measure, &measures, error.data(),
                                 error.size()) != OPTEX_OK)
    throw EvaluationError(fmt::format("assessing the solution: {}", text_of(error, "no reason given")));
  return measures;
}

std::vector<Exhibit> Plugin::exhibits(ConstVectorRef theta) const {
  const optex_plugin& functions = *loaded_->functions;
  if (functions.size < offsetof(optex_plugin, known_hessian) || functions.exhibits == nullptr) return {};
  const InsidePlugin inside = loaded_->inside("exhibits");
  ErrorText error{};
  Collected collected;
  if (functions.exhibits(loaded_->objective, theta.data(), collect_exhibit, &collected, error.data(),
                         error.size()) != OPTEX_OK)
    throw EvaluationError(text_of(error, "exhibits failed without a reason"));
  if (!collected.fault.empty()) throw EvaluationError(collected.fault);
  return std::move(collected.exhibits);
}

}  // namespace optex
