/* An objective that is itself parallel: the ranks of a worker share the coordinates of well.c and add up.
 *
 *   mpicc -shared -fPIC -O2 -Iinclude -o parallel_well.so examples/plugin/parallel_well.c
 */
#include "optex/plugin.h"

#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct well {
  int64_t dimension;
  MPI_Comm worker;
  int rank, size;
  double* mine; /* dimension + 1: this rank's part of the gradient, and of the value */
} well;

static int create(const optex_settings* settings, void** objective, char* error, size_t error_size) {
  well* self = malloc(sizeof *self);
  if (self == NULL) {
    snprintf(error, error_size, "out of memory");
    return OPTEX_FAILED;
  }
  self->dimension = atoll(optex_option_value(settings, "dimension", "1000"));
  self->worker = settings->communicator != NULL ? *(const MPI_Comm*)settings->communicator : MPI_COMM_SELF;
  MPI_Comm_rank(self->worker, &self->rank);
  MPI_Comm_size(self->worker, &self->size);
  self->mine = malloc((size_t)(self->dimension + 1) * sizeof *self->mine);
  *objective = self;
  return OPTEX_OK;
}

static void destroy(void* objective) {
  free(((well*)objective)->mine);
  free(objective);
}

static int64_t dimension(void* objective) { return ((well*)objective)->dimension; }

static int initial_point(void* objective, double* theta, char* error, size_t error_size) {
  int64_t i;
  (void)error, (void)error_size;
  for (i = 0; i < dimension(objective); ++i) theta[i] = 0.1 + 0.001 * (double)i;
  return OPTEX_OK;
}

/* F = 1/d sum_i (theta_i^2 - 1)^2 / 4, a block of coordinates a rank. */
static int value_and_gradient(void* objective, const double* theta, const optex_sample_key* key,
                              int64_t shard, double* value, double* gradient, char* error,
                              size_t error_size) {
  const well* self = objective;
  const int64_t d = self->dimension;
  const int64_t begin = self->rank * d / self->size;
  const int64_t end = (self->rank + 1) * d / self->size;
  int64_t i;
  (void)key, (void)shard, (void)error, (void)error_size;
  for (i = 0; i <= d; ++i) self->mine[i] = 0.0;
  for (i = begin; i < end; ++i) {
    const double depth = theta[i] * theta[i] - 1.0;
    self->mine[i] = depth * theta[i] / (double)d;
    self->mine[d] += depth * depth / 4.0 / (double)d;
  }
  MPI_Reduce(self->mine, gradient, (int)d, MPI_DOUBLE, MPI_SUM, 0, self->worker);
  MPI_Reduce(self->mine + d, value, 1, MPI_DOUBLE, MPI_SUM, 0, self->worker);
  return OPTEX_OK;
}

const optex_plugin* optex_get_plugin(void) {
  static const optex_plugin plugin = {.version = OPTEX_PLUGIN_VERSION,
                                      .size = sizeof(optex_plugin),
                                      .name = "parallel well",
                                      .create = create,
                                      .dimension = dimension,
                                      .value_and_gradient = value_and_gradient,
                                      .destroy = destroy,
                                      .initial_point = initial_point};
  return &plugin;
}
