// How fast points reach ranks that nap, and how fast their answers reach rank 0; and what napping costs. The
// ranks must share a clock (one machine): an objective tells when it begins and ends.
//
//   mpirun -np 3 round_trip [--dimension 1000 1000000] [--rounds 40] [--work 0.02] [--idle 0.05]

#include "optex/core/stopwatch.hpp"
#include "optex/distributed/coordinator.hpp"
#include "optex/distributed/session.hpp"
#include "optex/distributed/worker.hpp"

#include <algorithm>
#include <chrono>
#include <ctime>
#include <iostream>
#include <stdexcept>
#include <thread>
#include <vector>

#include <boost/program_options.hpp>
#include <fmt/format.h>

namespace optex::bench {
namespace {

double clock_seconds(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}
double now() { return clock_seconds(CLOCK_MONOTONIC); }

void sleep_for(double seconds) { std::this_thread::sleep_for(std::chrono::duration<double>(seconds)); }

/// Sleeps instead of computing. Value: when it began; gradient: when it ended, and the processor time of this
/// rank.
class Clocked final : public Objective {
 public:
  Clocked(Index dimension, double work) : dimension_(dimension), work_(work) {}
  Index dimension() const override { return dimension_; }
  double value_and_gradient(ConstVectorRef, const SampleKey&, Index, VectorRef gradient) const override {
    const double begin = now();
    sleep_for(work_);
    gradient.setZero();
    gradient[1] = clock_seconds(CLOCK_PROCESS_CPUTIME_ID);
    gradient[0] = now();
    return begin;
  }

 private:
  Index dimension_;
  double work_;
};

struct Options {
  std::vector<Index> dimensions{1000, 100'000, 1'000'000};
  int rounds = 40;
  double work = 0.02, idle = 0.05;
};

std::string told(std::vector<double> seconds) {
  std::sort(seconds.begin(), seconds.end());
  return fmt::format("{:.2f} / {:.2f} / {:.2f}", 1e3 * seconds[seconds.size() / 2],
                     1e3 * seconds[seconds.size() * 9 / 10], 1e3 * seconds.back());
}

void measure(Coordinator& coordinator, int workers, const Options& options) {
  const Index d = coordinator.dimension();
  const Vector theta = Vector::Ones(d);
  std::vector<double> first_out, last_out, back;
  std::vector<double> processor(static_cast<std::size_t>(workers), 0.0);
  double begin = 0.0, end = 0.0;
  for (int round = 0; round < options.rounds; ++round) {
    sleep_for(options.idle);  // long enough for everybody to take the longest naps
    const double start = now();
    coordinator.begin({workers});
    for (int point = 0; point < workers; ++point)
      coordinator.submit(point_at({.iteration = round, .point = point}, theta));
    const std::vector<Evaluation> answers = coordinator.close().evaluations;
    end = now();
    if (round == 0) {
      begin = end;
      for (std::size_t k = 0; k < answers.size(); ++k) processor[k] = answers[k].gradient[1];
      continue;  // the first message sets up a connection
    }
    double last_end = 0.0, last_begin = 0.0;
    for (const Evaluation& answer : answers) {
      if (answer.failed()) throw std::runtime_error(answer.failure);
      last_begin = std::max(last_begin, answer.value);
      last_end = std::max(last_end, answer.gradient[0]);
    }
    first_out.push_back(answers.front().value - start);
    last_out.push_back(last_begin - start);
    back.push_back(end - last_end);
    if (round + 1 == options.rounds)
      for (std::size_t k = 0; k < answers.size(); ++k) processor[k] = answers[k].gradient[1] - processor[k];
  }
  const double busiest = *std::max_element(processor.begin(), processor.end());
  fmt::print("| {} | {} | {} | {} | {:.2f} % |\n", d, told(first_out), told(last_out), told(back),
             100.0 * busiest / (end - begin));
  std::fflush(stdout);
}

/// False when there is nothing to run.
bool read_options(int argc, char** argv, Options& options) {
  namespace po = boost::program_options;
  po::options_description description("How fast points and answers travel between napping ranks");
  description.add_options()("help", "this")("dimension", po::value(&options.dimensions)->multitoken(),
                                            "d, default 1000 100000 1000000")(
      "rounds", po::value(&options.rounds)->default_value(options.rounds), "for each d")(
      "work", po::value(&options.work)->default_value(options.work), "seconds of a gradient")(
      "idle", po::value(&options.idle)->default_value(options.idle), "seconds between rounds");
  po::variables_map given;
  po::store(po::parse_command_line(argc, argv, description), given);
  po::notify(given);
  if (given.count("help") > 0) {
    std::cout << description;
    return false;
  }
  if (options.rounds < 3 || options.work < 0.0 || options.idle < 0.0 ||
      *std::min_element(options.dimensions.begin(), options.dimensions.end()) < 2)
    throw UsageError(
        "round_trip: needs --rounds of 3 or more, no negative seconds and a --dimension of 2 or more");
  return true;
}

int start(const Session& session, int argc, char** argv) {
  Options options;
  if (session.size() < 2) throw UsageError("round_trip: start it with mpirun on two ranks or more");
  if (!read_options(argc, argv, options)) return 0;
  if (session.rank() == 0)
    fmt::print(
        "{} workers; milliseconds: median / 90 % / longest of {} rounds\n\n"
        "| d | first point under way | last point under way | last answer back | processor time of a "
        "waiting rank |\n|--|--|--|--|--|\n",
        session.size() - 1, options.rounds - 1);
  for (const Index d : options.dimensions) {
    const Clocked objective(d, options.work);
    Communicator communicator(MPI_COMM_WORLD);
    if (communicator.rank() != 0) {
      serve(communicator, objective);
      continue;
    }
    Coordinator coordinator(communicator, objective, {.coordinator_evaluates = false});
    measure(coordinator, communicator.size() - 1, options);
  }
  return 0;
}

}  // namespace
}  // namespace optex::bench

int main(int argc, char** argv) {
  optex::Session session(argc, argv);
  return session.run([&] { return optex::bench::start(session, argc, argv); });
}
