#pragma once

#include "optex/report/report.hpp"

#include <cstdint>
#include <string>

/// What the sections of the page are made of.
namespace optex::page {

/// "-" when it is not finite.
std::string number(double x, int digits = 5);
std::string duration(double seconds);
/// Narrow blanks between thousands.
std::string with_blanks(std::int64_t n);
/// In the colour of a group.
std::string dot(std::size_t group);
/// `about`, `body`: HTML.
std::string section(const std::string& id, const std::string& title, const std::string& about,
                    const std::string& body);

/// Scrolls within itself, by keyboard too. `about`: text for those who hear it; `rows`: HTML.
std::string table(const std::string& about, const std::string& rows);

/// What it took to get to some values; empty when there are none.
std::string targets_section(const Report& report);

/// Which kind of point brought the new best; empty without rule surrogate.
std::string winners_section(const Report& report);

/// What there is to see of the solutions; empty when nothing is.
std::string solution_section(const Report& report);

}  // namespace optex::page
