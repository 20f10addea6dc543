#pragma once

// The interface stands in core, so that a program can minimise its own without the problems of this module.
#include "optex/core/objective.hpp"
