// The same on all ranks but the last, which this program keeps for something else: the library takes any
// communicator.
#include <cstdio>

#include "bowl.hpp"
#include <optex/mpi/minimize.hpp>

int main(int argc, char** argv) {
  MPI_Init(&argc, &argv);
  int rank = 0;
  int size = 1;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &size);
  const bool minimises = size == 1 || rank < size - 1;
  MPI_Comm some = MPI_COMM_NULL;
  MPI_Comm_split(MPI_COMM_WORLD, minimises ? 0 : MPI_UNDEFINED, rank, &some);
  int code = 0;
  if (minimises) {
    optex::MinimizeOptions options;
    options.learning_rate = 0.05;
    options.stop = {.iterations = 20};
    const optex::Outcome outcome = optex::minimize(some, Bowl(), options);
    std::printf("rank %d: F = %.12f\n", rank, outcome.final_value);
    code = static_cast<int>(outcome.code);
    MPI_Comm_free(&some);
  }
  MPI_Finalize();
  return code;
}
