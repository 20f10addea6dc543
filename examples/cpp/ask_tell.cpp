// The caller computes the gradients, in any order: for codes with a scheduler, a main loop or an
// MPI_COMM_WORLD of their own.
#include <cstdio>

#include "bowl.hpp"
#include <optex/minimize/ask_tell.hpp>

int main() {
  const Bowl bowl;
  optex::MinimizeOptions options;
  options.learning_rate = 0.05;
  options.stop = {.iterations = 20};
  optex::AskTell run(bowl.initial_point(), options);
  while (!run.finished()) {
    std::vector<optex::Question> questions = run.ask();
    while (!questions.empty()) {
      const optex::Question& question = questions.back();
      optex::Vector gradient = optex::Vector::Zero(bowl.dimension());
      optex::Vector part(bowl.dimension());
      double value = 0.0;
      for (optex::Index shard = 0; shard < bowl.shard_count(); ++shard) {
        value += bowl.value_and_gradient(question.theta, question.key, shard, part);
        gradient += part;
      }
      run.tell(question.number, value, gradient);
      questions.pop_back();
    }
  }
  std::printf("F = %.12f after %ld rounds\n", run.outcome().final_value,
              static_cast<long>(run.state().iteration));
  return static_cast<int>(run.outcome().code);
}
