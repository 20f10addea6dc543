#include "optex/low/low.hpp"
#include "optex/high/high.hpp"
