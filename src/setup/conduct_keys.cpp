#include "key_tables.hpp"

namespace optex {

std::vector<Key> conduct_keys() {
  const std::vector<Key> parallel = {
      boolean_key("coordinator_evaluates", "true", "rank 0 computes gradients too; alone it always does"),
      choice_key("data", "everywhere", {"everywhere", "by_shard"},
                 "who keeps training data: every rank all of them, or each rank those of its own "
                 "shards, which it then evaluates of every point",
                 {{"problem.name", {"logistic", "softmax", "mlp", "char_lm"}}}),
      integer_key("ranks_per_worker", "1", between(1.0, 1e6),
                  "so many neighbouring ranks compute each answer together; the plug-in is given "
                  "their communicator",
                  {{"problem.name", {"plugin"}}}),
      boolean_key("spread_history", "false",
                  "every rank keeps its slice of the history's coordinates and takes its part of "
                  "the chain, with the same numbers; for histories that no single node holds",
                  {{"method.name", {"optex"}}}),
      integer_key("threads", "0", between(0.0, 1024.0),
                  "of rank 0, and of each rank that holds a slice of the history, for passes over it; 0: "
                  "their share of the cores they may use"),
  };
  const std::vector<Key> stop = {
      computed("1000 when no rule but a tolerance is given",
               integer_key("iterations", {}, count_from_one, "rounds")),
      integer_key("evaluations", {}, count_from_one, "gradients"),
      real_key("seconds", {}, positive, "wall time, restarts included"),
      real_key("value", {}, {}, "a value seen is at most this"),
      real_key("gradient_norm", {}, not_negative,
               "the norm of the gradient at the iterate is at most this; in a box that of the "
               "projected gradient"),
      computed("1e-8 where gradients are exact, else 0",
               real_key("gradient_tolerance", {}, not_negative,
                        "that norm is at most this times the first one; 0: never")),
      computed("1e-14 where gradients are exact, else 0",
               real_key("precision", {}, not_negative,
                        "the smallest F of six rounds in a row is the same up to this share of "
                        "its size: round-off; 0: never")),
      real_key("value_tolerance", "0", not_negative,
               "by how much of the size of F a value must be lower to count as a new best one "
               "for stop.patience"),
      computed("10 when stop.value_tolerance is given, else none",
               integer_key("patience", {}, count_from_one, "rounds without a new best value")),
  };
  const std::vector<Key> checkpoint = {
      plain_key(Kind::interval, "every", "10 iterations", "how often; at the end and on a signal always"),
      integer_key("keep", "3", count_from_one, "the last so many stay"),
  };
  const std::vector<Key> failure = {
      choice_key("evaluation", "abort", {"abort", "retry", "drop"},
                 "what a failed evaluation leads to: at the iterate the run ends (exit 3; 4 for NaN) "
                 "or, with drop, goes on from a point that works; elsewhere the point is dropped; "
                 "with retry only after further tries"),
      integer_key("retries", {{"2", Condition{"failure.evaluation", {"retry"}}}, {"0"}}, count_or_none,
                  "tries after the first, before an evaluation has failed",
                  {{"failure.evaluation", {"retry", "drop"}}}),
      integer_key("drops", "10", count_from_one,
                  "iterates in a row that may be dropped; one more ends the run",
                  {{"failure.evaluation", {"drop"}}}),
      computed("three quarters of stall_seconds",
               real_key("evaluation_seconds", {}, positive,
                        "an answer that takes longer is a failed evaluation; the program is killed "
                        "and started again",
                        {{"problem.name", {"command"}}})),
      real_key("stall_seconds", "1800", positive,
               "a rank silent for so long ends the run (exit 7), or see lost_rank"),
      choice_key("lost_rank", "abort", {"abort", "continue"},
                 "what a silent rank leads to: the run ends (exit 7), or goes on while the others do "
                 "its work; the numbers stay the same"),
      real_key("quorum", "1.0", {.min = 0.0, .max = 1.0, .open_min = true},
               "a round may be closed when this part of its points is there, the iterate among them; late "
               "gradients join the history; below 1 the numbers depend on the clock (optex run --replay)"),
  };
  const std::vector<Key> log = {
      integer_key("every", "1", count_from_one, "rounds between two plain lines"),
      integer_key("quality_every", "0", count_or_none,
                  "rounds between two measurements of the answer's quality (accuracy, ...); 0: at "
                  "the end only"),
      choice_key("level", "info", {"error", "warning", "info", "debug"}, "what is said on stderr"),
      choice_key("format", "text", {"text", "json"}, "of the lines on stderr"),
  };
  return joined({
      keys_of("parallel", parallel),
      keys_of("stop", stop),
      keys_of("checkpoint", checkpoint),
      keys_of("failure", failure),
      keys_of("log", log),
  });
}

}  // namespace optex
