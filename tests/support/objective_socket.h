/* How a program of problem.name = "command" reaches optex, in C. */
#ifndef OPTEX_TESTS_OBJECTIVE_SOCKET_H
#define OPTEX_TESTS_OBJECTIVE_SOCKET_H

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

/* The connection, or -1. */
static inline int objective_socket(void) {
  const char* const path = getenv("OPTEX_SOCKET");
  struct sockaddr_un address;
  const int connection = socket(AF_UNIX, SOCK_STREAM, 0);
  memset(&address, 0, sizeof address);
  address.sun_family = AF_UNIX;
  if (path == NULL || strlen(path) >= sizeof address.sun_path) return -1;
  memcpy(address.sun_path, path, strlen(path));
  return connect(connection, (const struct sockaddr*)&address, sizeof address) == 0 ? connection : -1;
}

#endif
