#include "optex/kernels/matern.hpp"
#include "optex/kernels/rational_quadratic.hpp"
#include "optex/kernels/rbf.hpp"
#include "optex/setup/catalogue.hpp"

#include "key_tables.hpp"

namespace optex {
namespace {

template <class K>
std::shared_ptr<const Kernel> kernel() {
  return std::make_shared<K>();
}

}  // namespace

const Catalogue<KernelBuilder>& kernels() {
  static const Catalogue<KernelBuilder> table = {
      {"rbf", "exp(-q/2), q the squared distance in lengthscales: infinitely smooth", kernel<Rbf>},
      {"matern12", "exp(-r), r = sqrt(q): continuous, not differentiable", kernel<Matern12>},
      {"matern32", "(1 + sqrt(3) r) exp(-sqrt(3) r): once differentiable", kernel<Matern32>},
      {"matern52", "(1 + sqrt(5) r + 5 q/3) exp(-sqrt(5) r): twice differentiable", kernel<Matern52>},
      {"rational_quadratic", "1 / (1 + q/2): a mixture of lengthscales", kernel<RationalQuadratic>},
  };
  return table;
}

std::vector<Key> estimator_keys() {
  const Condition optex{"method.name", {"optex"}};
  const Condition paper{"method.preset", {"paper"}};
  const Condition gaussian_process{"estimator.name", {"gp"}};
  return {
      {.section = "estimator",
       .name = "name",
       .kind = Kind::choice,
       .defaults = {{"gp"}},
       .choices = {"gp", "mean"},
       .applies = {optex},
       .help = "gp: a Gaussian process; mean: the mean of the last N gradients, the same everywhere"},
      {.section = "estimator",
       .name = "kernel",
       .kind = Kind::choice,
       .defaults = {{"matern52"}},
       .choices = names_of(kernels()),
       .applies = {optex, gaussian_process},
       .help = "explained by `optex list kernels`"},
      {.section = "estimator",
       .name = "lengthscale",
       .kind = Kind::choice_or_real,
       .defaults = {{"paper", paper}, {"ml"}},
       .range = positive,
       .choices = {"ml", "paper", "median"},
       .applies = {optex, gaussian_process},
       .help = "ml: maximum likelihood; paper: the publication's rule; median distance"},
      {.section = "estimator",
       .name = "nugget",
       .kind = Kind::choice_or_real,
       .defaults = {{"1e-3", Condition{"estimator.lengthscale", {"paper"}}}, {"ml"}},
       .range = not_negative,
       .choices = {"ml"},
       .applies = {optex, gaussian_process},
       .help = "noise variance over signal variance; ml: maximum likelihood"},
      {.section = "estimator",
       .name = "prior_mean",
       .kind = Kind::choice,
       .defaults = {{"zero", paper}, {"constant"}},
       .choices = {"constant", "zero"},
       .applies = {optex, gaussian_process},
       .help = "constant: unknown and estimated; zero: the publication's"},
      {.section = "estimator",
       .name = "precision",
       .kind = Kind::choice,
       .defaults = {{"f64"}},
       .choices = {"f64", "f32"},
       .applies = {optex},
       .help = "of the history; f32: half the memory and half the time to read it"},
  };
}

}  // namespace optex
