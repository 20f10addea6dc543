#include "key_tables.hpp"

namespace optex {

std::vector<Key> data_keys() {
  const Condition classifies{"problem.name", {"logistic", "softmax", "mlp"}};
  const Condition learns{"problem.name", {"logistic", "softmax", "mlp", "char_lm"}};
  const Condition sharded{"problem.name", {"logistic", "softmax", "mlp", "char_lm", "dqn", "heat_inversion"}};
  const Condition images{"problem.name", {"softmax", "mlp"}};
  const Condition table{"data.format", {"csv", "libsvm", "hdf5"}};
  const Condition dqn{"problem.name", {"dqn"}};
  const std::vector<Key> keys = {
      required(choice_key("source", {{"fashion-mnist", images}}, {"fashion-mnist"},
                          "Debian's dataset-fashion-mnist, or the path of a file or a folder", {learns},
                          Kind::choice_or_folder)),
      choice_key("format", {{"idx", images}, {"libsvm", {{"problem.name", {"logistic"}}}}, {"text"}},
                 {"idx", "csv", "libsvm", "hdf5", "text"},
                 "IDX as MNIST has it (a folder), CSV, LIBSVM's sparse format, HDF5, text; gzip, bzip2 "
                 "and xz are taken too",
                 {learns}),
      plain_key(Kind::file, "test", {},
                "a file in the same format that accuracy is measured on; never learnt from",
                {classifies, table}),
      choice_key("label_column", "last", {"last", "first"}, "which column holds the class numbers",
                 {{"data.format", {"csv"}}}),
      computed("found out", boolean_key("header", {}, "whether the first line holds the columns' names",
                                        {{"data.format", {"csv"}}})),
      plain_key(Kind::text, "features_name", "/features", "dataset in the file: samples x features",
                {{"data.format", {"hdf5"}}}),
      plain_key(Kind::text, "labels_name", "/labels", "dataset in the file: one class number a sample",
                {{"data.format", {"hdf5"}}}),
      integer_key("classes", "0", between(0.0, 1e9), "number of classes; 0: as the training labels say",
                  {table}),
      integer_key("features", "0", between(0.0, 2e9),
                  "number of features; 0: the largest index in the training file",
                  {{"data.format", {"libsvm"}}}),
      boolean_key("standardize", "false",
                  "shift and scale each feature to mean 0 and variance 1 over the training samples",
                  {{"data.format", {"csv", "hdf5"}}}),
      integer_key("shards", "1", between(1.0, 1e9),
                  "pieces that ranks work on; any number of ranks gives the same digits", {sharded}),
      integer_key("batch", {{"128", dqn}, {"0"}}, count_or_none, "examples a gradient; 0 is all of them",
                  {sharded}),
      integer_key("limit", "0", count_or_none, "use only the first so many examples; 0 is all of them",
                  {learns}),
  };
  return keys_of("data", keys);
}

}  // namespace optex
