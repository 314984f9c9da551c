#include "client/cli/read/reader.h"

#include <algorithm>
#include <utility>

#include "client/cli/score_text.h"
#include "client/cli/text.h"
#include "fmt/format.h"
#include "service/base/message_parts.h"

namespace colophon {
namespace {

constexpr char kKeys[] = "n next  b back  p prompt  / search  g good  x bad  s score  q quit";

}  // namespace

Reader::Reader(const Output& out, const Client& client, Screen* screen, ReadPlace place,
               std::vector<std::string> ids, Options options)
    : out_(out),
      client_(client),
      screen_(screen),
      place_(std::move(place)),
      ids_(std::move(ids)),
      options_(std::move(options)) {}

absl::StatusOr<int64_t> Reader::Run() {
  const auto last = std::find(ids_.begin(), ids_.end(), place_.Load());
  const bool goes_on = last != ids_.end() && last != ids_.begin();
  GoTo(goes_on ? static_cast<size_t>(last - ids_.begin()) : 0);
  if (goes_on) message_ = "where you stopped; Home is the first one";
  do {
    Show();
  } while (!Take(screen_->ReadKey()));
  return read_count_;
}

void Reader::GoTo(size_t index) {
  index_ = index;
  ++read_count_;
  message_.clear();
  Load();
  top_ = 0;
  const absl::Status kept = place_.Save(ids_[index_]);
  if (!kept.ok()) message_ = MessageOf(kept);
}

void Reader::Load() {
  v1::GetRecordRequest request;
  request.set_id(ids_[index_]);
  request.set_rendered(true);
  request.set_spans(true);
  auto response = client_.GetRecord(request);
  if (absl::IsDataLoss(response.status())) {  // It can't be rendered again.
    request.set_rendered(false);
    response = client_.GetRecord(request);
  }
  problem_ = response.status();
  shown_ = response.ok() ? *std::move(response) : v1::GetRecordResponse();
  LayOut();
}

void Reader::LayOut() {
  if (!problem_.ok()) {
    body_ = Wrap({{Visible(MessageOf(problem_)), Face::kBad}}, screen_->columns());
    return;
  }
  body_ = Wrap(ViewRecord(shown_, {.prompt_open = prompt_open_,
                                   .blind = options_.blind,
                                   .found = found_,
                                   .caller = client_.options().caller}),
               screen_->columns());
}

// The head and, below the body, the message and the keys.
int Reader::BodyRows() const { return std::max(1, screen_->rows() - 3); }

Line Reader::Head() const {
  const std::string place = fmt::format("{}/{}  ", index_ + 1, ids_.size());
  const std::string text =
      problem_.ok() ? DescribeRecord(out_, shown_.record(), options_.blind) : ids_[index_];
  const int room = screen_->columns() - DisplayWidth(place);
  return {{place, Face::kBold}, {Truncate(Visible(text), room), Face::kBold}};
}

void Reader::Show(const LineInput* input) {
  std::vector<Line> lines = {Head()};
  const int end = std::min(static_cast<int>(body_.size()), top_ + BodyRows());
  for (int i = top_; i < end; ++i) lines.push_back(body_[static_cast<size_t>(i)]);
  lines.resize(static_cast<size_t>(1 + BodyRows()));
  const int below = static_cast<int>(body_.size()) - end;
  std::string message = message_;
  if (message.empty() && below > 0)
    message = fmt::format("▾ {} more", Count(below, "line", "lines"));
  lines.push_back({{Truncate(Visible(message), screen_->columns()), Face::kDim}});
  lines.push_back(input == nullptr ? Line{{Truncate(kKeys, screen_->columns()), Face::kDim}}
                                   : input->Show(screen_->columns()));
  screen_->Show(lines, input != nullptr);
}

bool Reader::Take(const Key& key) {
  using Kind = Key::Kind;
  if (key.Is("q")) return true;
  if (key.Is("n") || key.kind == Kind::kRight) Next();
  if (key.Is("b") || key.kind == Kind::kLeft) Back();
  if (key.kind == Kind::kHome) GoTo(0);
  if (key.kind == Kind::kEnd) GoTo(ids_.size() - 1);
  if (key.Is("j") || key.kind == Kind::kDown) Scroll(1);
  if (key.Is("k") || key.kind == Kind::kUp) Scroll(-1);
  if (key.Is(" ") || key.kind == Kind::kPageDown) PageDown();
  if (key.kind == Kind::kPageUp) Scroll(-BodyRows());
  if (key.Is("/")) Search();
  if (key.Is("g")) Score("good");
  if (key.Is("x")) Score("bad");
  if (key.Is("s")) ScoreAnything();
  if (key.Is("p")) {
    prompt_open_ = !prompt_open_;
    top_ = 0;
    LayOut();
  }
  if (key.kind == Kind::kResize) {
    LayOut();
    Scroll(0);
  }
  return false;
}

void Reader::Scroll(int lines) {
  const int most = std::max(0, static_cast<int>(body_.size()) - BodyRows());
  top_ = std::clamp(top_ + lines, 0, most);
}

void Reader::PageDown() {
  const int before = top_;
  Scroll(BodyRows());
  if (top_ == before) Next();
}

void Reader::Next() {
  if (index_ + 1 < ids_.size()) return GoTo(index_ + 1);
  // Whoever comes again then begins again.
  place_.Forget();
  message_ = "that was the last one; Home is the first one";
}

void Reader::Back() {
  if (index_ > 0) return GoTo(index_ - 1);
  message_ = "this is the first one";
}

std::optional<std::string> Reader::Ask(const std::string& question) {
  LineInput input(question);
  Key key;
  do {
    Show(&input);
    key = screen_->ReadKey();
    if (key.kind == Key::Kind::kResize) LayOut();
  } while (!input.Take(key));
  return input.text();
}

// From this record on, or from the next one for the same text.
void Reader::Search() {
  const std::optional<std::string> typed =
      Ask(found_.empty() ? "search the outputs: " : fmt::format("search [{}]: ", found_));
  if (!typed) return;
  const bool is_again = typed->empty() || *typed == found_;
  if (!typed->empty()) found_ = *typed;
  if (found_.empty()) return;
  for (size_t i = index_ + (is_again ? 1 : 0); i < ids_.size(); ++i) {
    message_ = fmt::format("searching, {} of {}; any key stops", i + 1, ids_.size());
    Show();
    if (screen_->KeyWaits()) {
      message_ = "stopped";
      return LayOut();
    }
    v1::GetRecordRequest request;
    request.set_id(ids_[i]);
    const auto response = client_.GetRecord(request);
    if (!response.ok()) continue;
    const auto& message = response->record().outcome().completion().message();
    if (!Contains(TextOfParts(message), found_)) continue;
    GoTo(i);
    const auto line = std::find_if(body_.begin(), body_.end(), [](const Line& pieces) {
      return std::any_of(pieces.begin(), pieces.end(),
                         [](const Piece& piece) { return piece.face == Face::kFound; });
    });
    return Scroll(static_cast<int>(line - body_.begin()) - BodyRows() / 2);
  }
  message_ = fmt::format("no output from here on has \"{}\"", found_);
  LayOut();
}

void Reader::Score(const std::string& word) {
  const auto note = Ask(fmt::format("{}={}, note: ", options_.score, word));
  if (!note) return;
  const auto score = ParseScore(options_.score + "=" + word, *note);
  if (score.ok()) SendScore(*score);
}

void Reader::ScoreAnything() {
  const auto text = Ask("NAME=VALUE: ");
  if (!text || text->empty()) return;
  const auto score = ParseScore(*text, "");
  if (!score.ok()) {
    message_ = MessageOf(score.status());
    return;
  }
  SendScore(*score);
}

void Reader::SendScore(const v1::Score& score) {
  v1::ScoreRecordRequest request;
  request.set_id(ids_[index_]);
  *request.add_scores() = score;
  const auto response = client_.ScoreRecord(request);
  if (!response.ok()) {
    message_ = MessageOf(response.status());
    return;
  }
  *shown_.mutable_record()->mutable_scores() = response->scores();
  message_ = "kept: " + FormatScore(score);
  LayOut();
}

}  // namespace colophon
