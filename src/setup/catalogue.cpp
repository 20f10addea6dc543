#include "optex/setup/catalogue.hpp"

#include "optex/core/errors.hpp"
#include "optex/setup/suggestion.hpp"

#include <fmt/format.h>

namespace optex {

const CatalogueEntry<MethodBuilder>& method_entry(const std::string& name) {
  for (const auto* const catalogue : {&updates(), &methods()})
    for (const auto& entry : *catalogue)
      if (entry.name == name) return entry;
  refuse_name(name, "update rule", names_of(updates()));
}

void refuse_name(const std::string& name, const std::string& what, const std::vector<std::string>& names) {
  throw UsageError(fmt::format("unknown {} '{}'; {}", what, name, suggestion(name, names)));
}

}  // namespace optex
