// same_numbers LIST: the law of the same bits in one launch. Every configuration runs on 1, 2, 3, 5 and 7 of
// the ranks of this job, each through everything that `optex run` goes through, and all its solutions must
// have the same bits.
//
// LIST has a configuration a line: NAME, FILE, then options (--section.key=value), with tabs between them.
// Results are left in the folders NAME-1, NAME-2, ...: what else must hold of them is for the caller to look
// at.
#include "optex/core/errors.hpp"
#include "optex/distributed/agreement.hpp"
#include "optex/distributed/communicator.hpp"
#include "optex/distributed/session.hpp"
#include "optex/hdf5/read_vector.hpp"

#include <array>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "apps/experiment.hpp"
#include "apps/ranks_mpi.hpp"
#include <fmt/format.h>
#include <mpi.h>

namespace {

using namespace optex;

struct Case {
  std::string name, file;
  std::vector<Override> overrides;
};

std::vector<Case> read_list(const char* file) {
  std::ifstream in(file);
  std::vector<Case> cases;
  for (std::string line; std::getline(in, line);) {
    std::stringstream fields(line);
    Case one;
    std::getline(fields, one.name, '\t');
    std::getline(fields, one.file, '\t');
    for (std::string option; std::getline(fields, option, '\t');) {
      if (option.empty()) continue;
      const std::size_t equals = option.find('=');
      one.overrides.push_back({option.substr(2, equals - 2), option.substr(equals + 1)});
    }
    cases.push_back(one);
  }
  return cases;
}

/// Ranks that work at the same time, by their numbers of ranks: the first so many, the next so many, ... of
/// seven.
constexpr std::array<std::array<int, 2>, 3> shifts{{{7, 0}, {5, 2}, {3, 1}}};

/// One run on this rank's part of the job. Returns what went wrong; empty when nothing did.
std::string run_on(Session& session, MPI_Comm part, int ranks, const Case& one) {
  try {
    const auto own = app::ranks_of(session, part);
    app::Experiment experiment;
    experiment.configure = [&] {
      std::vector<Override> overrides = one.overrides;
      for (const Override& place : app::in_folder(fmt::format("{}-{}", one.name, ranks)))
        overrides.push_back(place);
      return app::GivenConfig{read_config_text(one.file), read_config(one.file, overrides)};
    };
    experiment.if_exists = IfExists::force;
    experiment.quiet = true;
    const int code = app::conduct_on(*own, experiment);
    return code == 0 ? "" : fmt::format("{} on {} ranks: exit code {}\n", one.name, ranks, code);
  } catch (const AgreedError& error) {
    return fmt::format("{} on {} ranks: {}\n", one.name, ranks, error.what());
  }
}

bool same_bits(const Vector& one, const Vector& other) {
  return one.size() == other.size() &&
         std::memcmp(one.data(), other.data(), static_cast<std::size_t>(one.size()) * sizeof(double)) == 0;
}

std::string compare(const Case& one) {
  const auto solution = [&](int ranks) {
    return hdf5::read_vector(fmt::format("{}-{}/results.h5", one.name, ranks), "/solution/theta");
  };
  const Vector alone = solution(1);
  std::string wrong;
  for (const int ranks : {2, 3, 5, 7})
    if (!same_bits(alone, solution(ranks)))
      wrong += fmt::format("{}: {} ranks and one have different solutions\n", one.name, ranks);
  return wrong;
}

int run_all(Session& session, const char* list) {
  if (session.size() != 7) throw UsageError("same_numbers needs seven ranks");
  Communicator all(MPI_COMM_WORLD, {.stall_seconds = 300.0, .patience_seconds = 320.0});
  std::vector<MPI_Comm> parts;
  std::vector<int> ranks_of_part;
  for (const auto& shift : shifts) {
    const int group = session.rank() < shift[0] ? 0 : session.rank() < shift[0] + shift[1] ? 1 : 2;
    MPI_Comm part = MPI_COMM_NULL;
    MPI_Comm_split(MPI_COMM_WORLD, group == 2 ? MPI_UNDEFINED : group, session.rank(), &part);
    parts.push_back(part);
    ranks_of_part.push_back(group == 2 ? 0 : shift[static_cast<std::size_t>(group)]);
  }
  int failures = 0;
  for (const Case& one : read_list(list)) {
    std::string wrong;
    for (std::size_t shift = 0; shift < parts.size(); ++shift) {
      if (parts[shift] != MPI_COMM_NULL) wrong += run_on(session, parts[shift], ranks_of_part[shift], one);
      // They begin the next one together: a part of them would wait for the others within a run otherwise.
      for (const std::string& text : all.gather(wrong, "the end of " + one.name))
        if (text != wrong) wrong += text;
      all.broadcast("next", "the end of " + one.name);
    }
    if (session.rank() != 0) continue;
    try {
      if (wrong.empty()) wrong = compare(one);
    } catch (const Error& error) {
      wrong = error.what();
    }
    fmt::print(stderr, "{}{}\n", wrong.empty() ? "same  " : "WRONG ", one.name);
    if (!wrong.empty()) fmt::print(stderr, "{}", wrong);
    failures += wrong.empty() ? 0 : 1;
  }
  return std::stoi(all.broadcast(std::to_string(failures > 0 ? 1 : 0), "the result"));
}

}  // namespace

int main(int argc, char** argv) {
  Session session(argc, argv);
  return session.run([&] { return run_all(session, argv[1]); });
}
