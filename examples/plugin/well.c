/* A double well in every coordinate, coupled to its neighbour; shards are pieces of the sum.
 *
 *   cc -shared -fPIC -O2 -Iinclude -o well.so examples/plugin/well.c -lm
 */
#include "optex/plugin.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct well {
  int64_t dimension, shards;
  double coupling;
} well;

static int create(const optex_settings* settings, void** objective, char* error, size_t error_size) {
  well* self = malloc(sizeof *self);
  if (self == NULL) {
    snprintf(error, error_size, "out of memory");
    return OPTEX_FAILED;
  }
  self->dimension = atoll(optex_option_value(settings, "dimension", "1000"));
  self->shards = atoll(optex_option_value(settings, "shards", "4"));
  self->coupling = atof(optex_option_value(settings, "coupling", "0.5"));
  if (self->dimension < self->shards || self->shards < 1) {
    snprintf(error, error_size, "problem.options: %lld shards of %lld coordinates", (long long)self->shards,
             (long long)self->dimension);
    free(self);
    return OPTEX_FAILED;
  }
  *objective = self;
  return OPTEX_OK;
}

static void destroy(void* objective) { free(objective); }

static int64_t dimension(void* objective) { return ((well*)objective)->dimension; }

static int64_t shard_count(void* objective) { return ((well*)objective)->shards; }

static int initial_point(void* objective, double* theta, char* error, size_t error_size) {
  int64_t i;
  (void)error, (void)error_size;
  for (i = 0; i < dimension(objective); ++i) theta[i] = 0.5 * sin(1.0 + (double)i);
  return OPTEX_OK;
}

/* F = 1/d sum_i (theta_i^2 - 1)^2 / 4 + coupling (theta_{i+1} - theta_i)^2 / 2, the sum over this shard's i.
 */
static int value_and_gradient(void* objective, const double* theta, const optex_sample_key* key,
                              int64_t shard, double* value, double* gradient, char* error,
                              size_t error_size) {
  const well* self = objective;
  const double scale = 1.0 / (double)self->dimension;
  const int64_t begin = shard * self->dimension / self->shards;
  const int64_t end = (shard + 1) * self->dimension / self->shards;
  double sum = 0.0;
  int64_t i;
  (void)key;
  for (i = 0; i < self->dimension; ++i) gradient[i] = 0.0;
  for (i = begin; i < end; ++i) {
    const double well_depth = theta[i] * theta[i] - 1.0;
    if (theta[i] > 100.0) {
      snprintf(error, error_size, "coordinate %lld is at %g, the well ends at 100", (long long)i, theta[i]);
      return OPTEX_INFEASIBLE;
    }
    sum += well_depth * well_depth / 4.0;
    gradient[i] += scale * well_depth * theta[i];
    if (i + 1 < self->dimension) {
      const double stretch = theta[i + 1] - theta[i];
      sum += self->coupling * stretch * stretch / 2.0;
      gradient[i + 1] += scale * self->coupling * stretch;
      gradient[i] -= scale * self->coupling * stretch;
    }
  }
  *value = scale * sum;
  return OPTEX_OK;
}

const optex_plugin* optex_get_plugin(void) {
  static const optex_plugin plugin = {.version = OPTEX_PLUGIN_VERSION,
                                      .size = sizeof(optex_plugin),
                                      .name = "well",
                                      .create = create,
                                      .dimension = dimension,
                                      .value_and_gradient = value_and_gradient,
                                      .destroy = destroy,
                                      .shard_count = shard_count,
                                      .initial_point = initial_point};
  return &plugin;
}
