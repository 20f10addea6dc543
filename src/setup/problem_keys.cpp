#include "optex/setup/catalogue.hpp"

#include "key_tables.hpp"

namespace optex {
namespace {

/// Keys of every problem, and of the functions that have one key or none of their own.
std::vector<Key> general_problem_keys() {
  const Condition test_function{
      "problem.name",
      {"sphere", "ackley", "rosenbrock", "quadratic", "absolute_deviation", "styblinski_tang"}};
  Condition has_dimension = test_function;
  has_dimension.values.push_back("external");

  return {
      {.section = "problem",
       .name = "name",
       .kind = Kind::choice,
       .required = true,
       .choices = names_of(problems()),
       .help = "explained by `optex list problems`"},
      {.section = "problem",
       .name = "dimension",
       .kind = Kind::integer,
       .defaults = {{"1000"}},
       .range = {.min = 1.0, .max = 1e12},
       .applies = {has_dimension},
       .help = "number of coordinates"},
      {.section = "problem",
       .name = "initial",
       .kind = Kind::choice_or_dataset,
       .defaults = {{"default"}},
       .choices = {"default", "zeros", "random"},
       .help = "start: the problem's own, zeros, standard normal, or FILE.h5:/path"},
      {.section = "problem",
       .name = "lower",
       .kind = Kind::real_or_dataset,
       .help = "no coordinate gets below this: one number for all, or one for each"},
      {.section = "problem",
       .name = "upper",
       .kind = Kind::real_or_dataset,
       .help = "no coordinate gets above this: one number for all, or one for each"},
      {.section = "problem",
       .name = "scale",
       .kind = Kind::real_or_dataset,
       .range = positive,
       .applies = {{"method.name", {"optex"}}},
       .help = "length units in which the estimator and the model measure distances; steps do not change"},
      {.section = "problem",
       .name = "condition",
       .kind = Kind::real,
       .defaults = {{"1e4"}},
       .range = at_least_one,
       .applies = {{"problem.name", {"quadratic"}}},
       .help = "largest over smallest eigenvalue"},
  };
}

std::vector<Key> external_problem_keys() {
  const Condition external{"problem.name", {"plugin", "command"}};
  const Condition command{"problem.name", {"command"}};

  return {
      {.section = "problem",
       .name = "library",
       .kind = Kind::file,
       .required = true,
       .applies = {{"problem.name", {"plugin"}}},
       .help = "the shared library, e.g. ./libmine.so"},
      {.section = "problem",
       .name = "command",
       .kind = Kind::text_list,
       .required = true,
       .applies = {command},
       .help = "program and arguments, e.g. [\"python3\", \"mine.py\"]; no shell is involved"},
      {.section = "problem",
       .name = "directory",
       .kind = Kind::folder,
       .defaults = {{"."}},
       .applies = {command},
       .help = "where the program runs"},
      {.section = "problem",
       .name = "precision",
       .kind = Kind::choice,
       .defaults = {{"f64"}},
       .choices = {"f64", "f32"},
       .applies = {command},
       .help = "of the numbers on their way to the program and back"},
      {.section = "problem",
       .name = "noisy",
       .kind = Kind::boolean,
       .defaults = {{"false"}},
       .applies = {{"problem.name", {"plugin", "command", "external"}}},
       .help = "gradients depend on the sample key (mini-batches, random numbers)"},
      {.section = "problem",
       .name = "options",
       .kind = Kind::options,
       .applies = {external},
       .help = "names that your objective knows, handed to it as they are"},
  };
}

/// What may be put on top of any problem.
std::vector<Key> noise_and_cost_keys() {
  const Condition noisy{"problem.noise.kind", {"gaussian", "student_t", "laplace"}};

  return {
      {.section = "problem.noise",
       .name = "kind",
       .kind = Kind::choice,
       .defaults = {{"none"}},
       .choices = {"none", "gaussian", "student_t", "laplace"},
       .help = "distribution of the noise on each coordinate of a gradient"},
      {.section = "problem.noise",
       .name = "sigma",
       .kind = Kind::real,
       .required = true,
       .range = positive,
       .applies = {noisy},
       .help = "its scale"},
      {.section = "problem.noise",
       .name = "degrees_of_freedom",
       .kind = Kind::real,
       .defaults = {{"3"}},
       .range = at_least_one,
       .applies = {{"problem.noise.kind", {"student_t"}}},
       .help = "of Student's t: the smaller, the heavier the tails"},

      {.section = "problem.cost",
       .name = "kind",
       .kind = Kind::choice,
       .defaults = {{"none"}},
       .choices = {"none", "compute", "sleep"},
       .help = "makes gradients expensive, to rehearse a run: by arithmetic or by sleeping"},
      {.section = "problem.cost",
       .name = "seconds",
       .kind = Kind::real,
       .required = true,
       .range = positive,
       .applies = {{"problem.cost.kind", {"compute", "sleep"}}},
       .help = "that a gradient takes at least, all its shards together"},
  };
}

}  // namespace

std::vector<Key> problem_keys() {
  std::vector<Key> keys;
  for (const auto& part : {general_problem_keys(), learning_keys(), dqn_keys(), heat_inversion_keys(),
                           external_problem_keys(), noise_and_cost_keys()})
    keys.insert(keys.end(), part.begin(), part.end());
  return keys;
}

}  // namespace optex
