#pragma once

#include <optional>
#include <string>
#include <vector>

#include "client/cli/output.h"
#include "client/cli/read/line_input.h"
#include "client/cli/read/read_place.h"
#include "client/cli/read/record_view.h"
#include "client/cli/read/screen.h"
#include "client/cpp/client.h"

namespace colophon {

// Reads records one after the other, a screen each, by keys.
//
// Not thread-safe.
class Reader {
 public:
  struct Options {
    std::string score = "quality";  // What `g` and `x` say good and bad of.
    bool blind = false;
  };

  // `ids` isn't empty.
  Reader(const Output& out, const Client& client, Screen* screen, ReadPlace place,
         std::vector<std::string> ids, Options options);

  // Until it is left. How many were read.
  absl::StatusOr<int64_t> Run();

 private:
  void GoTo(size_t index);
  void Load();
  void LayOut();
  // True: leave.
  bool Take(const Key& key);
  void Scroll(int lines);
  // A page on; at the end the next record.
  void PageDown();
  void Next();
  void Back();
  // What is typed; nullopt: it was given up.
  std::optional<std::string> Ask(const std::string& question);
  void Search();
  void Score(const std::string& word);
  void ScoreAnything();
  void SendScore(const v1::Score& score);
  void Show(const LineInput* input = nullptr);
  int BodyRows() const;
  Line Head() const;

  const Output& out_;
  const Client& client_;
  Screen* const screen_;
  const ReadPlace place_;
  const std::vector<std::string> ids_;
  const Options options_;

  size_t index_ = 0;
  int64_t read_count_ = 0;
  v1::GetRecordResponse shown_;
  absl::Status problem_;  // Why there is none to be shown.
  std::vector<Line> body_;
  int top_ = 0;  // The first line of the body on the screen.
  bool prompt_open_ = false;
  std::string found_;    // What was searched for.
  std::string message_;  // For the line above the keys.
};

}  // namespace colophon
