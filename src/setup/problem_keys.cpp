#include "optex/setup/catalogue.hpp"

#include "key_tables.hpp"

namespace optex {
namespace {

/// Keys of every problem, and of the functions that have one key or none of their own.
std::vector<Key> general_problem_keys() {
  const Condition has_dimension{
      "problem.name",
      {"sphere", "ackley", "rosenbrock", "quadratic", "absolute_deviation", "styblinski_tang", "external"}};
  const std::vector<Key> keys = {
      required(choice_key("name", {}, names_of(problems()), "explained by `optex list problems`")),
      integer_key("dimension", "1000", between(1.0, 1e12), "number of coordinates", {has_dimension}),
      choice_key("initial", "default", {"default", "zeros", "random"},
                 "start: the problem's own, zeros, standard normal, or FILE.h5:/path", {},
                 Kind::choice_or_dataset),
      plain_key(Kind::real_or_dataset, "lower", {},
                "no coordinate gets below this: one number for all, or one for each"),
      plain_key(Kind::real_or_dataset, "upper", {},
                "no coordinate gets above this: one number for all, or one for each"),
      key_in(positive,
             plain_key(
                 Kind::real_or_dataset, "scale", {},
                 "length units in which the estimator and the model measure distances; steps do not change",
                 {{"method.name", {"optex"}}})),
      real_key("condition", "1e4", at_least_one, "largest over smallest eigenvalue",
               {{"problem.name", {"quadratic"}}}),
  };
  return keys_of("problem", keys);
}

std::vector<Key> external_problem_keys() {
  const Condition external{"problem.name", {"plugin", "command"}};
  const Condition command{"problem.name", {"command"}};
  const std::vector<Key> keys = {
      required(plain_key(Kind::file, "library", {}, "the shared library, e.g. ./libmine.so",
                         {{"problem.name", {"plugin"}}})),
      required(plain_key(Kind::text_list, "command", {},
                         "program and arguments, e.g. [\"python3\", \"mine.py\"]; no shell is involved",
                         {command})),
      plain_key(Kind::folder, "directory", ".", "where the program runs", {command}),
      choice_key("precision", "f64", {"f64", "f32"}, "of the numbers on their way to the program and back",
                 {command}),
      boolean_key("noisy", "false", "gradients depend on the sample key (mini-batches, random numbers)",
                  {{"problem.name", {"plugin", "command", "external"}}}),
      plain_key(Kind::options, "options", {}, "names that your objective knows, handed to it as they are",
                {external}),
  };
  return keys_of("problem", keys);
}

/// What may be put on top of any problem.
std::vector<Key> noise_and_cost_keys() {
  const Condition noisy{"problem.noise.kind", {"gaussian", "student_t", "laplace"}};
  const std::vector<Key> noise = {
      choice_key("kind", "none", {"none", "gaussian", "student_t", "laplace"},
                 "distribution of the noise on each coordinate of a gradient"),
      required(real_key("sigma", {}, positive, "its scale", {noisy})),
      real_key("degrees_of_freedom", "3", at_least_one, "of Student's t: the smaller, the heavier the tails",
               {{"problem.noise.kind", {"student_t"}}}),
  };
  const std::vector<Key> cost = {
      choice_key("kind", "none", {"none", "compute", "sleep"},
                 "makes gradients expensive, to rehearse a run: by arithmetic or by sleeping"),
      required(real_key("seconds", {}, positive, "that a gradient takes at least, all its shards together",
                        {{"problem.cost.kind", {"compute", "sleep"}}})),
  };
  return joined({keys_of("problem.noise", noise), keys_of("problem.cost", cost)});
}

}  // namespace

std::vector<Key> problem_keys() {
  return joined({general_problem_keys(), learning_keys(), dqn_keys(), heat_inversion_keys(),
                 external_problem_keys(), noise_and_cost_keys()});
}

}  // namespace optex
