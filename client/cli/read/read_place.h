#pragma once

#include <string>

#include "service/base/status.h"

namespace colophon {

// Where somebody stopped reading, kept for each question in a small file of the user's:
// $XDG_STATE_HOME/colophon/read, else ~/.local/state/colophon/read.
class ReadPlace {
 public:
  // `question`: what tells one list from another.
  explicit ReadPlace(const std::string& question);

  // The record that was read last; "" when there is none.
  std::string Load() const;
  absl::Status Save(const std::string& record) const;
  // To the end: the next time begins at the first one.
  void Forget() const;

 private:
  std::string path_;  // "": the user has no home.
};

}  // namespace colophon
