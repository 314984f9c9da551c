#include "service/template/message_builder.h"

#include <algorithm>
#include <utility>

#include "service/template/js_text.h"

namespace colophon {

namespace {

// Passes over a byte that is sent: taken here, checked, written for the digest.
constexpr int64_t kPasses = 2;
// A message, a part or a span is some objects.
constexpr int64_t kCostOfPiece = 8;

}  // namespace

// False when it is one too many.
bool MessageBuilder::Append(std::string_view text) {
  if (bytes_ > most_bytes_ || !work_->Spend(kPasses * Work::OfBytes(text.size()))) return false;
  const size_t begin = text_.size();
  text_ += text;
  bytes_ += static_cast<int64_t>(text.size());
  if (source_ && !text.empty()) AddSpan(begin);
  return true;
}

void MessageBuilder::AddSpan(size_t begin) {
  work_->Spend(kCostOfPiece);
  v1::Span* last = text_spans_ == 0 ? nullptr : &*spans_.rbegin();
  const bool goes_on = last != nullptr && last->line() == source_->line() &&
                       last->column() == source_->column() && last->path() == source_->path();
  if (!goes_on) {
    last = spans_.Add();
    *last = *source_;
    last->set_message(messages_.size());
    last->set_part(message_.parts_size());
    last->set_start_byte(static_cast<int32_t>(begin));
    ++text_spans_;
  }
  last->set_end_byte(static_cast<int32_t>(text_.size()));
}

// Outer indents first: an inner partial's lines are part of the outer one's.
bool MessageBuilder::IndentLine() {
  if (!work_->Spend(static_cast<int64_t>(indents_.size()))) return false;
  for (Indent& indent : indents_) {
    if (!indent.at_line_start) continue;
    if (!Append(indent.text)) return false;
    indent.at_line_start = false;
  }
  return true;
}

void MessageBuilder::Text(std::string_view text) {
  if (indents_.empty()) {
    Append(text);
    return;
  }
  while (!text.empty()) {
    if (!IndentLine()) return;
    const size_t length = std::min(text.find('\n'), text.size() - 1) + 1;
    if (!Append(text.substr(0, length))) return;
    if (text[length - 1] == '\n') {
      for (Indent& indent : indents_) indent.at_line_start = true;
    }
    text.remove_prefix(length);
  }
}

void MessageBuilder::Role(v1::Role role) {
  IndentLine();
  EndMessage();
  role_ = role;
}

void MessageBuilder::History(int64_t bytes) {
  bytes_ += bytes;
  IndentLine();
  EndMessage();
  history_places_.push_back(messages_.size());
  role_ = v1::ROLE_MODEL;
}

void MessageBuilder::Media(std::string url, std::string content_type) {
  IndentLine();
  EndText();
  bytes_ += static_cast<int64_t>(url.size() + content_type.size());
  work_->Spend(kCostOfPiece + kPasses * Work::OfBytes(url.size() + content_type.size()));
  v1::Media* media = message_.add_parts()->mutable_media();
  media->set_url(std::move(url));
  media->set_content_type(std::move(content_type));
}

void MessageBuilder::Section(std::string name) {
  IndentLine();
  EndText();
  bytes_ += static_cast<int64_t>(name.size());
  work_->Spend(kCostOfPiece + kPasses * Work::OfBytes(name.size()));
  message_.add_parts()->set_section(std::move(name));
}

void MessageBuilder::EndText() {
  if (!IsBlank(text_)) {
    message_.add_parts()->set_text(std::move(text_));
  } else {
    spans_.DeleteSubrange(spans_.size() - text_spans_, text_spans_);
  }
  text_spans_ = 0;
  text_.clear();
}

void MessageBuilder::EndMessage() {
  work_->Spend(kCostOfPiece);
  EndText();
  if (message_.parts().empty()) return;
  message_.set_role(role_);
  *messages_.Add() = std::move(message_);
  message_.Clear();
}

MessageBuilder::Messages MessageBuilder::Finish(const Messages& history) {
  EndMessage();
  if (history.empty()) return std::move(messages_);
  if (history_places_.empty()) {
    const bool user_last =
        !messages_.empty() && messages_.at(messages_.size() - 1).role() == v1::ROLE_USER;
    history_places_.push_back(messages_.size() - (user_last ? 1 : 0));
  }
  Messages all;
  std::vector<int> places;  // Where each of messages_ comes to stand.
  size_t next_place = 0;
  for (int i = 0; i <= messages_.size(); ++i) {
    for (; next_place < history_places_.size() && history_places_[next_place] == i; ++next_place) {
      for (const v1::Message& message : history) {
        v1::Message* copy = all.Add();
        *copy = message;
        copy->set_from_history(true);
      }
    }
    places.push_back(all.size());
    if (i < messages_.size()) *all.Add() = std::move(*messages_.Mutable(i));
  }
  for (v1::Span& span : spans_) span.set_message(places[span.message()]);
  return all;
}

}  // namespace colophon
