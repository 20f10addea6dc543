// optex._core: the run of RecordedAskTell as a Python class. Vectors are numpy arrays of float64, length d.
#include "optex/core/errors.hpp"
#include "optex/core/parallel_for.hpp"
#include "optex/recorded/recorded_ask_tell.hpp"

#include <cmath>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <pybind11/eigen.h>
#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

namespace py = pybind11;

namespace {

using optex::ConstVectorRef;
using optex::Index;
using optex::RecordedAskTell;
using optex::Vector;

/// Points without an answer: (number, theta, whether the exact F is wanted).
py::list ask(RecordedAskTell& run) {
  std::vector<optex::Question> open;
  {
    const py::gil_scoped_release released;
    open = run.ask();
  }
  py::list points;
  for (optex::Question& question : open)
    points.append(py::make_tuple(question.number, std::move(question.theta), question.key.whole));
  return points;
}

/// The columns of metrics.jsonl that every method has.
py::list take_rounds(RecordedAskTell& run) {
  py::list rounds;
  for (const optex::IterationReport& report : run.take_reports()) {
    py::dict round;
    round["iteration"] = report.iteration;
    round["value"] = report.value;
    round["best_value"] = report.best_value;
    round["gradient_norm"] = report.gradient_norm;
    round["evaluations"] = report.evaluations;
    round["accepted"] = report.accepted;
    round["dropped_points"] = report.dropped_points;
    round["update"] = report.update;
    rounds.append(round);
  }
  return rounds;
}

py::dict outcome(const RecordedAskTell& run) {
  const optex::Outcome& ended = run.outcome();
  py::dict facts;
  facts["code"] = static_cast<int>(ended.code);
  facts["reason"] = ended.reason;
  facts["message"] = ended.message;
  facts["solution"] = ended.solution;
  facts["value"] = ended.final_value;
  facts["warnings"] = ended.warnings;
  return facts;
}

/// The best point and its gradient, of methods that keep it.
std::optional<std::pair<Vector, Vector>> gradient_at_best(const RecordedAskTell& run) {
  const optex::BestPoint& best = run.state().best;
  if (!std::isfinite(best.value) || best.theta.size() == 0 || best.gradient.size() == 0) return std::nullopt;
  return std::pair{best.theta, best.gradient};
}

/// A function of Python that returns rows, columns and values of entries. It is called by a thread that does
/// not hold the interpreter.
optex::KnownHessian known_by(const py::object& function) {
  if (function.is_none()) return {};
  const auto release = [](py::object* held) {
    const py::gil_scoped_acquire acquired;
    delete held;
  };
  const std::shared_ptr<py::object> kept(new py::object(function), release);
  return [kept](ConstVectorRef theta) {
    using Places = py::array_t<std::int64_t, py::array::c_style>;
    using Values = py::array_t<double, py::array::c_style>;
    const py::gil_scoped_acquire acquired;
    try {
      const py::object answer = (*kept)(Vector(theta));
      if (answer.is_none()) throw optex::InfeasiblePoint("known_hessian");
      const auto found = answer.cast<py::tuple>();
      const auto rows = found[0].cast<Places>();
      const auto columns = found[1].cast<Places>();
      const auto values = found[2].cast<Values>();
      std::vector<optex::HessianEntry> entries;
      for (py::ssize_t i = 0; i < values.size(); ++i)
        entries.push_back({rows.at(i), columns.at(i), values.at(i)});
      return entries;
    } catch (const py::error_already_set& error) {
      throw optex::EvaluationError(std::string("known_hessian: ") + error.what());
    }
  };
}

void translate(std::exception_ptr thrown) {
  try {
    if (thrown) std::rethrow_exception(thrown);
  } catch (const optex::Error& error) {
    switch (error.code()) {
      case optex::ExitCode::usage:
      case optex::ExitCode::output_exists:
      case optex::ExitCode::checkpoint:
        return PyErr_SetString(PyExc_ValueError, error.what());
      case optex::ExitCode::io:
        return PyErr_SetString(PyExc_OSError, error.what());
      default:
        return PyErr_SetString(PyExc_RuntimeError, error.what());
    }
  }
}

}  // namespace

PYBIND11_MODULE(_core, module) {
  module.doc() = "The C++ side of optex.minimize";
  py::register_exception_translator(translate);
  module.def("set_threads", &optex::set_thread_count, py::arg("threads"));
  py::class_<RecordedAskTell>(module, "Run")
      .def(py::init([](const std::string& keys, Vector start, std::optional<Vector> lower,
                       std::optional<Vector> upper, const std::optional<std::string>& folder,
                       const py::object& known) {
             std::optional<std::filesystem::path> path;
             if (folder) path = *folder;
             optex::KnownHessian entries = known_by(known);
             const py::gil_scoped_release released;
             return std::make_unique<RecordedAskTell>(
                 keys, "options", optex::GivenVectors{std::move(start), std::move(lower), std::move(upper)},
                 path, std::move(entries));
           }),
           py::arg("keys"), py::arg("start"), py::arg("lower"), py::arg("upper"), py::arg("folder"),
           py::arg("known") = py::none())
      .def("ask", &ask)
      .def(
          "tell",
          [](RecordedAskTell& run, Index number, double value, ConstVectorRef gradient) {
            run.tell(number, value, gradient);
          },
          py::arg("number"), py::arg("value"), py::arg("gradient"))
      .def("tell_failed", &RecordedAskTell::tell_failed, py::arg("number"), py::arg("reason"))
      .def("stop", &RecordedAskTell::stop, py::arg("reason"), py::arg("message"),
           py::call_guard<py::gil_scoped_release>())
      .def("take_rounds", &take_rounds)
      .def_property_readonly("finished", &RecordedAskTell::finished)
      .def_property_readonly("notes", &RecordedAskTell::notes)
      .def_property_readonly("rounds", [](const RecordedAskTell& run) { return run.state().iteration; })
      .def_property_readonly("evaluations",
                             [](const RecordedAskTell& run) { return run.state().evaluations; })
      .def_property_readonly("gradient_at_best", &gradient_at_best)
      .def_property_readonly("outcome", &outcome);
}
