/* A child of problem.name = "command" that answers with the messages in a file, one for each request,
 * whatever it is asked, and then with nothing: answer_with_bytes FILE. The number of the request is put into
 * them. */
#include "support/objective_socket.h"
#include <fcntl.h>
#include <stdint.h>
#include <unistd.h>

enum { header_size = 64, number_in_request = 56, number_in_answer = 48 };

static uint64_t number_at(const char* bytes) {
  uint64_t number;
  memcpy(&number, bytes, sizeof number);
  return number;
}

/* What follows a header: count items of item_bytes; all there is when that does not fit a number. */
static uint64_t size_behind(const char* header) {
  uint32_t item_bytes;
  memcpy(&item_bytes, header + 16, sizeof item_bytes);
  if (item_bytes != 0 && number_at(header + 8) > UINT64_MAX / item_bytes) return UINT64_MAX;
  return number_at(header + 8) * item_bytes;
}

/* Moves at most so many bytes; fewer when there are no more. `to` < 0: nowhere. */
static void move(int from, int to, uint64_t size) {
  char buffer[4096];
  while (size > 0) {
    const ssize_t got = read(from, buffer, size < sizeof buffer ? (size_t)size : sizeof buffer);
    if (got <= 0 || (to >= 0 && write(to, buffer, (size_t)got) != got)) return;
    size -= (uint64_t)got;
  }
}

static size_t read_whole(int from, char* to, size_t size) {
  size_t done = 0;
  while (done < size) {
    const ssize_t got = read(from, to + done, size - done);
    if (got <= 0) break;
    done += (size_t)got;
  }
  return done;
}

int main(int count, char** words) {
  char request[header_size], answer[header_size];
  const int connection = objective_socket();
  const int file = count == 2 ? open(words[1], O_RDONLY) : -1;
  if (file < 0 || connection < 0) return 1;
  while (read_whole(connection, request, sizeof request) == sizeof request) {
    const size_t size = read_whole(file, answer, sizeof answer);
    move(connection, -1, size_behind(request));
    if (size == sizeof answer)
      memcpy(answer + number_in_answer, request + number_in_request, sizeof(uint64_t));
    if (write(connection, answer, size) != (ssize_t)size) break;
    if (size == sizeof answer)
      move(file, connection, size_behind(answer));
    else
      shutdown(connection, SHUT_WR);
  }
  return 0;
}
