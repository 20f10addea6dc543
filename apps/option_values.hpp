#pragma once

#include "optex/setup/command_line.hpp"
#include "optex/setup/schema.hpp"

#include <optional>
#include <string>
#include <vector>

/// What the options of a command line hold, checked. All throw UsageError, one line that begins with the
/// option.
namespace optex::app {

/// Nothing when the option was not given.
std::optional<std::int64_t> integer_option(const CommandLine& line, const std::string& option, Range range);
std::optional<double> real_option(const CommandLine& line, const std::string& option, Range range);

/// "a,b": what stands between the commas; empty when the option was not given.
std::vector<std::string> list_option(const CommandLine& line, const std::string& option);

/// The same for finite numbers.
std::vector<double> numbers_option(const CommandLine& line, const std::string& option, bool positive = false);

/// One of some words, as its place among them; the first when the option was not given.
std::size_t word_option(const CommandLine& line, const std::string& option,
                        const std::vector<std::string>& words);

}  // namespace optex::app
