// includes what it may not
#include <vector>
#  include <optex/high/high.hpp>
#include "../low/private.hpp"
