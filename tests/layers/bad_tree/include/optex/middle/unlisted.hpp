#pragma once

#include "optex/low/low.hpp"
