/* on_descriptor_4 PROGRAM ARGUMENTS...: the program with its connection to optex as descriptor 4, which a
 * shell can write to. */
#include "support/objective_socket.h"
#include <unistd.h>

int main(int count, char** words) {
  const int connection = objective_socket();
  if (count < 2 || connection < 0 || dup2(connection, 4) < 0) return 9;
  close(connection);
  execv(words[1], words + 1);
  return 9;
}
