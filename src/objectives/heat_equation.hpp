#pragma once

#include "optex/core/types.hpp"

#include <Eigen/SparseCholesky>
#include <Eigen/SparseCore>

namespace optex {

/// The unit square cut into columns x rows cells. Cell (i, j), column i and row j from the lower left, has
/// number i + columns * j.
struct CellGrid {
  Index columns = 1, rows = 1;

  Index cells() const { return columns * rows; }
  double width() const { return 1.0 / static_cast<double>(columns); }
  double height() const { return 1.0 / static_cast<double>(rows); }
  Index column(Index cell) const { return cell % columns; }
  Index row(Index cell) const { return cell / columns; }
  double x(Index cell) const { return (static_cast<double>(column(cell)) + 0.5) * width(); }
  double y(Index cell) const { return (static_cast<double>(row(cell)) + 0.5) * height(); }
  /// Length of the face between two neighbours over the distance of their centres.
  double beside() const { return height() / width(); }
  double above() const { return width() / height(); }
};

/// Calls visit(cell, neighbour, face length over distance) for each face between two cells, right and upper
/// neighbours of cell 0, of cell 1, ...
template <class Visit>
void for_each_face(const CellGrid& grid, Visit visit) {
  for (Index j = 0; j < grid.rows; ++j)
    for (Index i = 0; i < grid.columns; ++i) {
      const Index cell = i + grid.columns * j;
      if (i + 1 < grid.columns) visit(cell, cell + 1, grid.beside());
      if (j + 1 < grid.rows) visit(cell, cell + grid.columns, grid.above());
    }
}

/// Steady heat conduction -div(k grad u) = q on the unit square, u = 0 on the edge y = 0, the other edges
/// insulated, by finite volumes: the conductance of a face is its length over the distance of the centres
/// times the harmonic mean of the two conductivities, which keeps the flux continuous where k jumps
/// (Patankar, "Numerical heat transfer and fluid flow", 1980, section 4.2-3).
class HeatEquation {
 public:
  /// Orders the unknowns once (approximate minimum degree); every conductivity uses the same order.
  explicit HeatEquation(const CellGrid& grid);

  const CellGrid& grid() const { return grid_; }
  /// Memory of the factor.
  double bytes() const;

  /// conductivity: one number a cell. Sparse LDL' in about 30 n^1.5 operations, n cells. Throws
  /// EvaluationError when a number is not positive and finite or the factorisation breaks down.
  void factorise(ConstVectorRef conductivity);

  /// Temperatures of the cells for the heat that is put into each. Any right-hand side will do: the operator
  /// is its own adjoint. About 120 n log2 n operations. factorise() comes first.
  Vector solve(const Vector& heat) const { return factor_.solve(heat); }

  /// Subtracts a' (dA/dk_c) u from out_c for every cell c, with the operator A(k), a and u one number a cell.
  void subtract_sensitivity(ConstVectorRef conductivity, const Vector& a, const Vector& u,
                            VectorRef out) const;

 private:
  using Sparse = Eigen::SparseMatrix<double>;
  struct Factor : Eigen::SimplicialLDLT<Sparse, Eigen::Lower> {
    Index nonzeros() const { return m_nonZerosPerCol.sum(); }
  };

  /// The lower triangle of A(k).
  Sparse matrix(ConstVectorRef conductivity) const;

  CellGrid grid_;
  Factor factor_;
};

}  // namespace optex
