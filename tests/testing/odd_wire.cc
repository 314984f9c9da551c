// How an odd server writes what it says, and where it breaks off.

#include <algorithm>

#include "absl/strings/str_replace.h"
#include "fmt/format.h"
#include "service/base/json.h"
#include "tests/testing/model_wire.h"
#include "tests/testing/odd_answers.h"

namespace colophon {
namespace {

// In what is said these stand for what JSON written here can't hold.
constexpr char kBadByte[] = "\xee\x80\x80";    // U+E000: a byte that is no UTF-8.
constexpr char kFirstHalf[] = "\xee\x80\x81";  // U+E001, U+E002: the halves of a pair.
constexpr char kSecondHalf[] = "\xee\x80\x82";

std::string AsWritten(const std::string& text) {
  return absl::StrReplaceAll(
      text, {{kBadByte, "\xff"}, {kFirstHalf, "\\ud83d"}, {kSecondHalf, "\\ude00"}});
}

std::string AsMeant(const std::string& text) {
  return absl::StrReplaceAll(
      text, {{kBadByte, "\xef\xbf\xbd"}, {kFirstHalf, "\xf0\x9f\x98\x80"}, {kSecondHalf, ""}});
}

std::string HeadOf(int status, const std::vector<std::string>& headers) {
  std::string head = fmt::format("HTTP/1.1 {} Odd\r\n", status);
  for (const std::string& header : headers) head += header + "\r\n";
  return head + "\r\n";
}

}  // namespace

std::string OddAnswers::OddText() {
  std::string text = Words(30);
  if (OneIn(10)) text += kBadByte + Words(3);
  if (OneIn(10)) text += std::string(kFirstHalf) + kSecondHalf + Words(3);
  return text;
}

// A server, or what stands before it, that has no answer at all.
bool OddAnswers::FailAtOnce(bool stream, OddAnswer* answer) {
  static constexpr int kStatuses[] = {400, 401, 403, 404, 408, 413, 422, 429, 500, 502, 503, 529};
  static const std::string bodies[] = {
      "",
      R"({"error":{"message":"no such model","type":"invalid_request_error","code":"x"}})",
      R"({"type":"error","error":{"type":"overloaded_error","message":"busy"}})",
      R"({"error":"a text"})",
      R"({"message":["a","list"]})",
      "<html><h1>502</h1></html>",
      "\xff\xfe\x00 bytes",
      "data: {\"error\":{\"message\":\"as an event\"}}\n\n",
      std::string(100'000, 'x'),
      "{\"error\":{\"message\":\"cut"};
  answer->end = OddAnswer::End::kFails;
  answer->text = answer->reasoning = "";
  answer->tools.clear();
  const std::string& body = bodies[Below(static_cast<int>(std::size(bodies)))];
  switch (Below(5)) {
    case 0:  // With 200: a page of a proxy, an error.
      answer->oddities += " page";
      Send("<html>Welcome</html>", 0, "text/html", answer);
      break;
    case 1:
      answer->oddities += " error-with-200";
      Send(R"({"error":{"message":"not now","code":429}})", 0, "application/json", answer);
      break;
    case 2:
      answer->oddities += " nonsense";
      Send("]", 0, stream && OneIn(2) ? "text/event-stream" : "application/json", answer);
      break;
    default: {
      const int status = kStatuses[Below(static_cast<int>(std::size(kStatuses)))];
      answer->oddities += fmt::format(" status {}", status);
      std::string head =
          HeadOf(status, {fmt::format("content-length: {}", body.size() + (OneIn(6) ? 50 : 0)),
                          OneIn(3) ? "retry-after: 1" : "x-odd: 1", "set-cookie: a=b"});
      answer->answer.SendInPieces(head + body, static_cast<size_t>(200 + Below(5000)));
      answer->answer.Close();
    }
  }
  answer->end = OddAnswer::End::kFails;
  return true;
}

// Says at some place before the end that it failed; goes on after it, or not.
void OddAnswers::FailWithin(Api api, Events* events, OddAnswer* answer) {
  const auto finish = std::find_if(events->begin(), events->end(),
                                   [](const OddEvent& event) { return event.is_finish; });
  const int place = Below(static_cast<int>(finish - events->begin()) + 1);
  OddEvent failure;
  switch (Below(api == Api::kOpenAi ? 5 : 3)) {
    case 0:
      failure.data = R"({"error":{"message":"it broke","type":"server_error","code":500}})";
      break;
    case 1:
      failure.data = R"({"choices":[{"index":0,"delta":{"content":"half)";
      break;
    case 2:
      failure.type = "error";
      failure.data =
          R"({"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}})";
      break;
    case 3:
      failure.data = R"({"choices":[{"index":0,"delta":{"content":""},"finish_reason":"error",)"
                     R"("error":{"code":429,"message":"slow down"}}]})";
      break;
    default:
      failure.data = R"({"choices":[{"index":0,"delta":{},"finish_reason":"network_error"}]})";
  }
  answer->oddities += fmt::format(" fails-at-event {} \"{:.40}\"", place, failure.data);
  answer->end = OddAnswer::End::kFails;
  events->insert(events->begin() + place, std::move(failure));
  if (OneIn(2)) events->resize(static_cast<size_t>(place) + 1);
}

// `finish`: how many bytes are there before the answer may be taken for a whole one.
std::string OddAnswers::WriteEvents(const Events& events, size_t* finish, OddAnswer* answer) {
  static constexpr std::string_view kEnds[] = {"\n", "\r\n", "\r"};
  const bool single = events.size() > 1 && events[0].type.empty() &&
                      answer->end == OddAnswer::End::kOk && Oddly(10, "single-newline", answer);
  const std::string_view end = single || !Oddly(2, "line-ends", answer) ? "\n" : kEnds[Below(3)];
  const std::string_view blank = Oddly(4, "no-blank", answer) ? "" : " ";
  const bool meta = !single && Oddly(3, "meta", answer);
  std::string body;
  if (Oddly(10, "bom", answer)) body += "\xef\xbb\xbf";
  bool was_finished = false;
  for (const OddEvent& event : events) {
    if (meta && OneIn(4)) body += fmt::format(": keep-alive{}{}", end, OneIn(2) ? end : "");
    if (meta && OneIn(6)) body += fmt::format("retry:{}10{}{}", blank, end, end);
    if (meta && OneIn(6)) body += fmt::format("id: {}{}{}", Below(99), end, OneIn(2) ? end : "");
    if (!event.type.empty()) body += fmt::format("event:{}{}{}", blank, event.type, end);
    if (event.is_finish) *finish = body.size();
    was_finished = was_finished || event.is_finish;
    body += fmt::format("data:{}{}{}{}", blank, event.data, end, single ? "" : end);
  }
  if (single) body += "\n";
  // Of one line end at the end the last event is whole, too.
  if (!single && Oddly(12, "no-last-line-end", answer)) body.resize(body.size() - end.size());
  if (!was_finished) *finish = body.size() + 1;
  return body;
}

// Before `whole` bytes of the body nobody may take it for a whole answer.
void OddAnswers::Send(std::string_view said, size_t whole, std::string content_type,
                      OddAnswer* answer) {
  whole = AsWritten(std::string(said.substr(0, whole))).size() + (whole > said.size() ? 1 : 0);
  const std::string body = AsWritten(std::string(said));
  answer->text = AsMeant(answer->text);
  std::vector<std::string> headers = {"x-request-id: r-1"};
  if (!content_type.empty()) headers.push_back("Content-Type: " + content_type);
  enum Framing { kLength, kChunked, kUntilClose, kFramings };
  const int framing = Below(kFramings);
  if (framing == kLength) headers.push_back(fmt::format("content-length: {}", body.size()));
  if (framing == kChunked) headers.push_back("transfer-encoding: chunked");
  if (framing == kUntilClose) headers.push_back("connection: close");
  std::string bytes = HeadOf(200, headers);
  size_t whole_at = framing == kChunked && whole == 0 ? bytes.size() : std::string::npos;
  if (framing == kChunked) {
    for (size_t at = 0; at < body.size();) {
      const size_t size = std::min(body.size() - at, static_cast<size_t>(1 + Below(900)));
      const size_t begin = bytes.size() + HttpChunk(std::string(size, ' ')).size() - size - 2;
      if (at <= whole && whole <= at + size) whole_at = begin + (whole - at);
      bytes += HttpChunk(std::string_view(body).substr(at, size));
      at += size;
    }
    bytes += HttpChunkEnd();
  } else {
    if (whole <= body.size()) whole_at = bytes.size() + whole;
    bytes += body;
  }
  const size_t piece = bytes.size() > 4000 ? 100 : 1;
  ModelAnswer sent;
  sent.SendInPieces(bytes, piece + static_cast<size_t>(Below(OneIn(2) ? 20 : 4000)));
  if (framing == kUntilClose) sent.Close();
  answer->answer = sent;
  if (!OneIn(5)) return;
  static constexpr std::pair<ModelAnswer::Break, const char*> kBreaks[] = {
      {ModelAnswer::Break::kClose, "close"},
      {ModelAnswer::Break::kReset, "reset"},
      {ModelAnswer::Break::kHang, "hang"}};
  const auto& [how, name] = kBreaks[OneIn(100) ? 2 : Below(2)];
  // Anywhere, and often close to the end, where it decides whether the answer was whole.
  const int size = static_cast<int>(bytes.size());
  const auto cut = static_cast<size_t>(OneIn(2) ? Below(size) : size - 1 - Below(size / 8 + 1));
  answer->oddities += fmt::format(", cut {} of {} {}", cut, bytes.size(), name);
  answer->answer = sent.CutAfter(cut, how);
  if (answer->end == OddAnswer::End::kFails) return;
  answer->end = cut <= whole_at ? OddAnswer::End::kFails : OddAnswer::End::kEither;
}

}  // namespace colophon
