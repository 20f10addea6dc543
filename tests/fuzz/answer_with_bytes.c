/* A child of problem.name = "command" that answers with the bytes of a file, whatever it is asked, and then
 * with nothing: answer_with_bytes FILE. */
#include "support/objective_socket.h"
#include <fcntl.h>
#include <unistd.h>

int main(int count, char** words) {
  char buffer[4096];
  ssize_t size;
  const int connection = objective_socket();
  const int file = count == 2 ? open(words[1], O_RDONLY) : -1;
  if (file < 0 || connection < 0) return 1;
  while ((size = read(file, buffer, sizeof buffer)) > 0)
    if (write(connection, buffer, (size_t)size) != size) break;
  shutdown(connection, SHUT_WR);
  while (read(connection, buffer, sizeof buffer) > 0) continue;
  return 0;
}
