#include "standard_descriptors.hpp"

#include <cerrno>
#include <initializer_list>

#include <fcntl.h>
#include <unistd.h>

namespace optex::app {

void open_standard_descriptors() {
  // In ascending order, so that the lowest free number is the one that is missing.
  for (const int number : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    if (::fcntl(number, F_GETFD) == -1 && errno == EBADF)
      ::open("/dev/null", number == STDIN_FILENO ? O_RDONLY : O_WRONLY);
}

}  // namespace optex::app
