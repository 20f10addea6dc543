#include "sliced_fields.hpp"

#include "optex/checkpoint/long_fields.hpp"
#include "optex/checkpoint/slices_of_state.hpp"
#include "optex/checkpoint/state_fields.hpp"
#include "optex/core/packed.hpp"

#include <string>
#include <utility>
#include <vector>

namespace optex {
namespace {

/// Long ones are dealt out, and the objective's state, which may be as long, is of use to rank 0 alone.
bool is_shared(const std::string& path) { return !is_long(path) && path != "/state/objective"; }

/// Takes what is shared through a Packer or an Unpacker.
template <class Archive>
struct SharedFields {
  Archive& archive;

  template <class Value>
  void operator()(const std::string& path, Value& value) {
    if (is_shared(path)) archive(value);
  }
  void operator()(const std::string&, const std::vector<Vector>&) {}  // long ones all
  void operator()(const std::string&, std::vector<Vector>&) {}
  void operator()(const std::string&, const GradientHistory&) {}
  void operator()(const std::string&, GradientHistory&) {}
};

template <class Archive, class Shape>
void fields(Archive& archive, Shape& shape) {
  archive(shape.capacity, shape.bits, shape.values, shape.iterations);
}

/// Goes through the state in the order of FieldWriter.
class SliceSender {
 public:
  explicit SliceSender(CoordinateSlices& slices) : slices_(slices) {}

  template <class Short>
  void operator()(const std::string&, const Short&) {}
  void operator()(const std::string& path, const Vector& values) {
    if (is_long(path) && values.size() > 0) slices_.gather(values);
  }
  void operator()(const std::string& path, const Matrix& values) {
    if (!is_long(path)) return;
    for (Index column = 0; column < values.cols() && values.rows() > 0; ++column)
      slices_.gather(values.col(column));
  }
  void operator()(const std::string&, const std::vector<Vector>& rows) {
    for (const Vector& row : rows) slices_.gather(row);
  }
  void operator()(const std::string& path, const GradientHistory& history) {
    if (history.capacity() == 0) return;
    (*this)(path + "/origin", history.origin());
    for (Index i = 0; i < history.size(); ++i) slices_.gather(history.stored_theta(i));
    for (Index i = 0; i < history.size(); ++i) slices_.gather(history.gradient(i));
  }
  bool is_there(const std::string&, bool has_content) const { return has_content; }

 private:
  CoordinateSlices& slices_;
};

/// Goes through the state in the order of FieldReader.
class SliceReceiver {
 public:
  explicit SliceReceiver(CoordinateSlices& slices) : slices_(slices) {}

  template <class Short>
  void operator()(const std::string&, Short&) {}
  void operator()(const std::string& path, Vector& values) {
    if (is_long(path) && said_number() > 0) values = slices_.scatter(Vector());
  }
  void operator()(const std::string& path, Matrix& values) {
    if (!is_long(path)) return;
    const Index columns = said_number();
    if (columns == no_columns) return values.resize(0, 0);
    values.resize(slices_.mine().size, columns);
    for (Index column = 0; column < values.cols(); ++column) values.col(column) = slices_.scatter(Vector());
  }
  void operator()(const std::string&, std::vector<Vector>& rows) {
    rows.resize(static_cast<std::size_t>(said_number()));
    for (Vector& row : rows) row = slices_.scatter(Vector());
  }
  void operator()(const std::string& path, GradientHistory& history) {
    Vector origin;
    (*this)(path + "/origin", origin);
    const HistoryShape shape = share_shape({}, slices_);
    if (shape.capacity == 0) return;
    const Precision precision = shape.bits == 32 ? Precision::f32 : Precision::f64;
    history = GradientHistory(slices_.mine().size, shape.capacity, precision);
    history.restore_origin(std::move(origin));
    for (Index i = 0; i < shape.values.size(); ++i) {
      const Vector theta = slices_.scatter(Vector());
      const Vector gradient = slices_.scatter(Vector());
      history.restore(theta, gradient, shape.values[i], shape.iterations[static_cast<std::size_t>(i)]);
    }
  }
  bool is_there(const std::string&, bool) const { return said_number() > 0; }

 private:
  Index said_number() const { return std::stoll(slices_.share("")); }

  CoordinateSlices& slices_;
};

}  // namespace

HistoryShape share_shape(const HistoryShape& shape, CoordinateSlices& slices) {
  Packer pack;
  if (slices.is_first()) fields(pack, shape);
  const std::string bytes = slices.share(pack.bytes());
  Unpacker unpack(bytes);
  HistoryShape shared;
  fields(unpack, shared);
  return shared;
}

void share_short_fields(RunState& state, CoordinateSlices& slices) {
  Packer pack;
  SharedFields<Packer> packing{pack};
  if (slices.is_first()) visit_fields(std::as_const(state), packing);
  const std::string bytes = slices.share(pack.bytes());
  Unpacker unpack(bytes);
  SharedFields<Unpacker> unpacking{unpack};
  visit_fields(state, unpacking);
}

void send_slices(const RunState& state, CoordinateSlices& slices) {
  SliceSender send(slices);
  visit_fields(state, send);
}

RunState receive_slices(CoordinateSlices& slices) {
  RunState state;
  SliceReceiver receive(slices);
  visit_fields(state, receive);
  share_short_fields(state, slices);
  return state;
}

}  // namespace optex
