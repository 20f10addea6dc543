#include "optex/low/low.hpp"

#include <mpi.h>
