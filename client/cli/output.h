#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "client/cli/pager.h"
#include "google/protobuf/message.h"
#include "google/protobuf/timestamp.pb.h"

namespace colophon {

enum class Style { kPlain, kBold, kDim, kRed, kGreen, kYellow, kCyan };

// Where a command's answer goes: standard output, with notes and errors on
// standard error.
//
// On a terminal text is made visible and coloured; in a pipe it is the bytes
// as they are. With --json standard output holds API messages and nothing
// else; of a FILE, `render` prints Dotprompt's JSON.
class Output {
 public:
  Output();
  ~Output();

  void set_json(bool json) { json_ = json; }
  void disable_color() { color_ = error_color_ = false; }
  // What is longer than the terminal is shown by a pager, where there is a terminal.
  void UsePager();

  bool json() const { return json_; }
  bool terminal() const { return terminal_; }
  bool color() const { return color_; }
  bool error_terminal() const { return error_terminal_; }
  // Columns of the terminal.
  int width() const;

  // Text of others, as standard output may show it.
  std::string Safe(std::string_view text) const;
  // Our own text or safe text, coloured on a terminal.
  std::string Styled(Style style, std::string_view text) const;

  // To standard output as it is.
  void Write(std::string_view text) const;
  // With a newline.
  void Line(std::string_view text = {}) const;
  // "name   value"; tab-separated in a pipe. Nothing when the value is empty.
  void Field(std::string_view name, std::string_view value) const;
  // One document on one line. What can't be written as JSON is told on standard error,
  // and Finish fails; of a list the other items are written.
  void Json(const google::protobuf::Message& message) const;
  // Local time on a terminal, RFC 3339 in UTC in a pipe; "" for none.
  std::string Time(const google::protobuf::Timestamp& time) const;

  // The same for tables: on a terminal as `ls -l` writes it, with seconds when it is of today.
  std::string ShortTime(const google::protobuf::Timestamp& time) const;

  // To standard error.
  void Note(std::string_view text) const;
  void Warning(std::string_view text) const;
  void Error(std::string_view text) const;
  // What was written is out. UNKNOWN OUTPUT when it couldn't be, a full disk.
  absl::Status Flush() const;
  // At the end of a command: the same, and UNKNOWN NOT_JSON when a message was left out.
  absl::Status Finish() const;

 private:
  void WriteError(Style style, std::string_view prefix, std::string_view text) const;

  std::unique_ptr<Pager> pager_;  // Null: none is used.
  bool json_ = false;
  mutable bool left_out_ = false;  // Something of Json.
  bool terminal_;
  bool error_terminal_;
  bool color_;
  bool error_color_;
  int columns_ = 0;  // Of the terminal, of which a pager takes the place.
};

}  // namespace colophon
