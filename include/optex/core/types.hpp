#pragma once

#include <Eigen/Core>

/// Names for the linear algebra that the whole library speaks. All numbers are double precision.
namespace optex {

using Index = Eigen::Index;
using Vector = Eigen::VectorXd;
using Matrix = Eigen::MatrixXd;  ///< column-major

/// A writable view of contiguous doubles; costs nothing to pass.
using VectorRef = Eigen::Ref<Eigen::VectorXd>;
/// A read-only view of contiguous doubles.
using ConstVectorRef = const Eigen::Ref<const Eigen::VectorXd>&;

}  // namespace optex
