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
  const Condition paper{"method.preset", {"paper"}};
  const Condition gaussian_process{"estimator.name", {"gp"}};
  const std::vector<Key> keys = {
      choice_key("name", "gp", {"gp", "mean"},
                 "gp: a Gaussian process; mean: the mean of the last N gradients, the same everywhere"),
      choice_key("kernel", "matern52", names_of(kernels()), "explained by `optex list kernels`",
                 {gaussian_process}),
      key_in(positive, choice_key("lengthscale", {{"paper", paper}, {"ml"}}, {"ml", "paper", "median"},
                                  "ml: maximum likelihood; paper: the publication's rule; median distance",
                                  {gaussian_process}, Kind::choice_or_real)),
      key_in(not_negative,
             choice_key("nugget", {{"1e-3", Condition{"estimator.lengthscale", {"paper"}}}, {"ml"}}, {"ml"},
                        "noise variance over signal variance; ml: maximum likelihood", {gaussian_process},
                        Kind::choice_or_real)),
      choice_key("prior_mean", {{"zero", paper}, {"constant"}}, {"constant", "zero"},
                 "constant: unknown and estimated; zero: the publication's", {gaussian_process}),
      choice_key("precision", "f64", {"f64", "f32"},
                 "of the history; f32: half the memory and half the time to read it"),
  };
  return keys_of("estimator", keys, {{"method.name", {"optex"}}});
}

}  // namespace optex
