#pragma once

#include "optex/setup/config.hpp"

#include <optional>
#include <string>

#include "toml.hpp"

namespace optex {

/// Where a piece of a TOML file stands.
Origin toml_origin(const std::string& file, const toml::source_region& region);

/// What a node is, for people: "a table", "an array of tables ([[ ]])".
std::string toml_node_name(const toml::node& node);

/// A scalar; nothing for everything else.
std::optional<Option> toml_node_option(const toml::node& node);

/// What a key may hold: a scalar or a list; nothing for everything else.
std::optional<Value> toml_node_value(const toml::node& node);

/// The file's root table. Throws UsageError, one line with file, line and column, when the text is not TOML.
toml::table parse_toml(std::string_view text, const std::string& file);

}  // namespace optex
