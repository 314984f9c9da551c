#pragma once

#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "client/cpp/client.h"
#include "tests/model/random_change.h"
#include "tests/model/repository_model.h"

namespace colophon {

// Compares what a server says of the repository "model" with what the model says.
//
// Not thread-safe.
class Comparison {
 public:
  Comparison(const RepositoryModel* model, uint64_t seed) : model_(*model), random_(seed) {}

  static constexpr char kRepository[] = "model";

  // The server's answer to a change that the model has just made.
  void CompareAnswer(const RandomChange& change, const ModelChange& expected,
                     const absl::StatusOr<v1::PublishResponse>& answer);
  // How the repository stands, and some of what it was.
  void CompareState(const Client& client);
  // Every version that there ever was, by its number and by its commit.
  void CompareVersions(const Client& client);

  int64_t check_count() const { return check_count_; }
  const std::vector<std::string>& problems() const { return problems_; }

 private:
  void CompareNewest(const Client& client);
  void ComparePrompts(const Client& client);
  void CompareLabels(const Client& client);
  void ComparePast(const Client& client);
  // Null: there is to be none.
  void CompareVersion(const Client& client, const v1::GetVersionRequest& request,
                      const std::string& prompt, const ModelVersion* expected);
  // `text()` says what is wrong when it doesn't hold.
  template <class Text>
  bool Expect(bool holds, const Text& text) {
    ++check_count_;
    if (!holds) problems_.push_back(text());
    return holds;
  }

  const RepositoryModel& model_;
  std::mt19937_64 random_;
  std::map<int64_t, std::string> commits_;  // By sequence.
  int64_t check_count_ = 0;
  std::vector<std::string> problems_;
};

}  // namespace colophon
