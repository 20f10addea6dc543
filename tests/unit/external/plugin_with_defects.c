/* F(theta) = scale |theta - key.point|^2 over two shards (coordinates of even and of odd number). */
#include "optex/plugin.h"

#include <stdlib.h>
#include <string.h>

static double scale;

static void say(char* error, size_t error_size, const char* text) {
  strncpy(error, text, error_size - 1);
  error[error_size - 1] = '\0';
}

static int create(const optex_settings* settings, void** objective, char* error, size_t error_size) {
  scale = atof(optex_option_value(settings, "scale", "1"));
#ifdef DEFECT_REFUSES
  say(error, error_size, "the mesh 'moon.msh' has no elements");
  return OPTEX_FAILED;
#else
  (void)error, (void)error_size;
#endif
  *objective = &scale;
  return OPTEX_OK;
}

static int64_t dimension(void* objective) {
  (void)objective;
#ifdef DEFECT_ZERO_DIMENSION
  return 0;
#else
  return 3;
#endif
}

static int64_t shard_count(void* objective) {
  (void)objective;
#ifdef DEFECT_MANY_SHARDS
  return (int64_t)1 << 60;
#else
  return 2;
#endif
}

static int is_noisy(void* objective) {
  (void)objective;
  return 0;
}

static int initial_point(void* objective, double* theta, char* error, size_t error_size) {
  (void)objective, (void)error, (void)error_size;
  theta[0] = 1.0, theta[1] = 2.0, theta[2] = 3.0;
  return OPTEX_OK;
}

static int value_and_gradient(void* objective, const double* theta, const optex_sample_key* key,
                              int64_t shard, double* value, double* gradient, char* error,
                              size_t error_size) {
  const double factor = *(double*)objective;
  int i;
  if (theta[0] > 1000.0) {
    say(error, error_size, "too far out");
    return OPTEX_INFEASIBLE;
  }
  if (theta[0] < -1000.0) {
    say(error, error_size, "the solver gave up");
    return OPTEX_FAILED;
  }
  *value = 0.0;
  for (i = 0; i < 3; ++i) {
    const double distance = i % 2 == shard ? theta[i] - (key->whole ? 0 : key->point) : 0.0;
    *value += factor * distance * distance;
    gradient[i] = 2.0 * factor * distance;
  }
  return OPTEX_OK;
}

static int assess(void* objective, const double* theta,
                  void (*report)(void* to, const char* name, double value), void* to, char* error,
                  size_t error_size) {
  (void)objective, (void)error, (void)error_size;
  report(to, "first coordinate", theta[0]);
  return OPTEX_OK;
}

static int exhibits(void* objective, const double* theta,
                    void (*show)(void* to, const optex_exhibit* exhibit), void* to, char* error,
                    size_t error_size) {
  static const double truth[3] = {4.0, 5.0, 6.0};
  optex_exhibit exhibit = {sizeof exhibit, OPTEX_FIELD, "heat", "K", 1, 3, theta, truth};
  (void)objective, (void)error, (void)error_size;
  if (theta[0] < 0.0) exhibit.rows = -1;
  show(to, &exhibit);
  return OPTEX_OK;
}

static int known_hessian(void* objective, const double* theta,
                         void (*add)(void* to, int64_t row, int64_t column, double value), void* to,
                         char* error, size_t error_size) {
  (void)objective;
  if (theta[0] < 0.0) {
    say(error, error_size, "no mesh");
    return OPTEX_FAILED;
  }
  add(to, 0, 0, 2.0);
  add(to, 2, 1, theta[0]);
  return OPTEX_OK;
}

#ifdef DEFECT_NO_SYMBOL
const optex_plugin* optex_get_plugin_of_another_name(void);
const optex_plugin* optex_get_plugin_of_another_name(void) {
#else
const optex_plugin* optex_get_plugin(void) {
#endif
  static optex_plugin plugin;
  plugin.version = OPTEX_PLUGIN_VERSION;
  plugin.size = sizeof plugin;
  plugin.name = "defects";
  plugin.create = create;
  plugin.dimension = dimension;
  plugin.shard_count = shard_count;
  plugin.is_noisy = is_noisy;
  plugin.initial_point = initial_point;
  plugin.value_and_gradient = value_and_gradient;
  plugin.assess = assess;
  plugin.exhibits = exhibits;
  plugin.known_hessian = known_hessian;
#ifdef DEFECT_WRONG_VERSION
  plugin.version = 77;
#endif
#ifdef DEFECT_TOO_SMALL
  plugin.size = 16;
#endif
#ifdef DEFECT_OLDER /* built before there were exhibits */
  plugin.size = offsetof(optex_plugin, exhibits);
#endif
#ifdef DEFECT_NO_GRADIENT
  plugin.value_and_gradient = NULL;
#endif
#ifdef DEFECT_NULL
  return NULL;
#else
  return &plugin;
#endif
}
