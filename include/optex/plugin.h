/*
 * An objective of your own as a shared library, in plain C (or anything that can export a C function).
 *
 *   [problem]
 *   name = "plugin"
 *   library = "./libmine.so"
 *   [problem.options]             names of your choice; handed to create() as text
 *   stiffness = 2.5
 *
 * What is minimised is F(theta) = sum over shards j of F_j(theta), theta of length dimension(). The library
 * fills in one optex_plugin and exports one function that returns it:
 *
 *   const optex_plugin *optex_get_plugin(void) { return &my_plugin; }
 *
 * Rules. Every rank loads the library and makes one objective, and calls it from one thread. The answer may
 * depend on theta, key and shard only, or runs on other rank counts and resumed runs give other numbers.
 * Functions that can fail return OPTEX_OK, or anything else after writing one line of text, at most
 * error_size bytes with the closing 0, into error. Nothing here may write to stdout.
 */
#ifndef OPTEX_PLUGIN_H
#define OPTEX_PLUGIN_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Raised when a library built with an older header could no longer be used. */
#define OPTEX_PLUGIN_VERSION 1

#define OPTEX_OK 0
#define OPTEX_INFEASIBLE 1 /* F has no value at this theta; nothing is wrong with the program */
#define OPTEX_FAILED 2     /* something broke; trying again may help (failure.evaluation = "retry") */

/* One entry of [problem.options]: numbers as their shortest text, booleans as true and false. */
typedef struct optex_option {
  const char* name;
  const char* value;
} optex_option;

/* What create() is told. */
typedef struct optex_settings {
  uint32_t size; /* of this struct in the program; fields are only ever added at the end */
  uint32_t option_count;
  const optex_option* options; /* sorted by name */
  uint64_t seed;               /* run.seed */
  /* With parallel.ranks_per_worker > 1: the address of the MPI_Comm of the ranks that compute each answer
   * together. All of them are given the same calls at the same time (initial_point only on one), and what its
   * rank 0 returns is the answer. Else NULL. */
  const void* communicator;
} optex_settings;

/* Names one random draw. The same key means the same mini-batch or the same noise, on any rank, at any time.
 */
typedef struct optex_sample_key {
  uint32_t size; /* of this struct in the program */
  int32_t whole; /* not 0: all data, no noise: the exact F_shard is wanted and the rest means nothing */
  uint64_t seed;
  int64_t iteration;
  int32_t point;
  int32_t batch;
} optex_sample_key;

/* How an exhibit is looked at; see optex_exhibit. */
#define OPTEX_TABLE 0       /* numbers */
#define OPTEX_FIELD 1       /* a heat map with a colour bar, row 0 at the top */
#define OPTEX_IMAGE 2       /* shades of grey, row 0 at the top */
#define OPTEX_CURVE 3       /* lines over column 0, or over the row's number when there is one column */
#define OPTEX_FIELD_LOWER 4 /* a heat map with a colour bar, row 0 at the bottom */

/* Something that helps people to look at a solution: it goes into results.h5, and `optex report` draws it.
 * values, truth: rows x columns numbers, row by row; they are copied. NaN is left blank. */
typedef struct optex_exhibit {
  uint32_t size; /* sizeof(optex_exhibit) */
  uint32_t kind;
  const char* name;
  const char* unit; /* of the values; may be NULL */
  int64_t rows;
  int64_t columns;
  const double* values;
  const double* truth; /* what the values should be; may be NULL */
} optex_exhibit;

typedef struct optex_plugin {
  uint32_t version; /* OPTEX_PLUGIN_VERSION */
  uint32_t size;    /* sizeof(optex_plugin) */
  const char* name; /* for people */

  /* Makes an objective; *objective is handed to all functions below. */
  int (*create)(const optex_settings* settings, void** objective, char* error, size_t error_size);
  /* Length of theta, at least 1. */
  int64_t (*dimension)(void* objective);
  /* F_shard(theta) into *value and its gradient into gradient, every entry of it. theta, gradient:
   * dimension() numbers. */
  int (*value_and_gradient)(void* objective, const double* theta, const optex_sample_key* key, int64_t shard,
                            double* value, double* gradient, char* error, size_t error_size);

  /* Each of these may be NULL. */
  void (*destroy)(void* objective);
  int64_t (*shard_count)(void* objective); /* else 1 */
  int (*is_noisy)(void* objective);        /* else 0: answers do not depend on the key */
  int (*initial_point)(void* objective, double* theta, char* error, size_t error_size); /* else zeros */
  /* Quality of a solution: calls report(to, name, value) for each number. */
  int (*assess)(void* objective, const double* theta,
                void (*report)(void* to, const char* name, double value), void* to, char* error,
                size_t error_size);
  /* What there is to see of a solution: calls show(to, &exhibit) for each. theta is the solution, or where
   * the run started or a checkpoint was kept. (Libraries built before this was added do without.) */
  int (*exhibits)(void* objective, const double* theta, void (*show)(void* to, const optex_exhibit* exhibit),
                  void* to, char* error, size_t error_size);
  /* What is known of the Hessian of F at theta without work, such as that of a regularisation: calls
   * add(to, row, column, value) for entries of the lower triangle, 0 <= column <= row; those of one place are
   * added. It may be a guess, and need not be definite; OPTEX_INFEASIBLE says that it has no value, which
   * between points, where F was not asked for, costs nothing. Asked for on one rank, each round, by
   * method.update = "surrogate". (Libraries built before this was added do without.) */
  int (*known_hessian)(void* objective, const double* theta,
                       void (*add)(void* to, int64_t row, int64_t column, double value), void* to,
                       char* error, size_t error_size);
} optex_plugin;

/* The one symbol that is looked for. */
const optex_plugin* optex_get_plugin(void);
typedef const optex_plugin* (*optex_get_plugin_function)(void);

/* The value of an option, or `otherwise` when it is not set. A convenience for create(). */
static inline const char* optex_option_value(const optex_settings* settings, const char* name,
                                             const char* otherwise) {
  uint32_t i;
  for (i = 0; i < settings->option_count; ++i) {
    const char* a = settings->options[i].name;
    const char* b = name;
    while (*a != '\0' && *a == *b) ++a, ++b;
    if (*a == '\0' && *b == '\0') return settings->options[i].value;
  }
  return otherwise;
}

#ifdef __cplusplus
}
#endif

#endif
