#include "optex/external/options.hpp"

namespace optex {
namespace {

const void* communicator = nullptr;

}  // namespace

void set_worker_communicator(const void* address) { communicator = address; }
const void* worker_communicator() { return communicator; }

}  // namespace optex
