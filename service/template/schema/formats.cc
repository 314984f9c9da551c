#include "service/template/schema/formats.h"

#include <arpa/inet.h>

#include <array>
#include <string>

#include "absl/time/civil_time.h"
#include "boost/url/parse.hpp"
#include "re2/re2.h"
#include "service/template/schema/pattern.h"

namespace colophon::schema {
namespace {

using re2::RE2;

#define COLOPHON_LABEL "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
#define COLOPHON_HOSTNAME COLOPHON_LABEL "(?:\\." COLOPHON_LABEL ")*"

// Made once, at the first use, and never destroyed: threads may outlive main.
const RE2& Lasting(const char* pattern) { return *new RE2(pattern); }

bool IsDate(std::string_view text) {
  static const RE2& pattern = Lasting(R"((\d{4})-(\d\d)-(\d\d))");
  int year;
  int month;
  int day;
  if (!RE2::FullMatch(text, pattern, &year, &month, &day)) return false;
  // CivilDay makes the 1st of March of the 30th of February.
  const absl::CivilDay civil(year, month, day);
  return civil.year() == year && civil.month() == month && civil.day() == day;
}

bool IsTime(std::string_view text) {
  static const RE2& pattern =
      Lasting(R"((\d\d):(\d\d):(\d\d)(?:\.\d+)?(?:[Zz]|([+-])(\d\d):(\d\d)))");
  int hour;
  int minute;
  int second;
  std::string sign;
  std::string offset_hour;
  std::string offset_minute;
  if (!RE2::FullMatch(text, pattern, &hour, &minute, &second, &sign, &offset_hour,
                      &offset_minute)) {
    return false;
  }
  int offset = 0;
  if (!sign.empty()) {
    const int hours = std::stoi(offset_hour);
    const int minutes = std::stoi(offset_minute);
    if (hours > 23 || minutes > 59) return false;
    offset = (hours * 60 + minutes) * (sign == "-" ? -1 : 1);
  }
  if (hour > 23 || minute > 59 || second > 60) return false;
  // A leap second is the last of a day in UTC.
  constexpr int kDay = 24 * 60;
  return second < 60 || (hour * 60 + minute - offset + kDay) % kDay == kDay - 1;
}

bool IsDateTime(std::string_view text) {
  constexpr size_t kDate = 10;
  if (text.size() <= kDate || (text[kDate] != 'T' && text[kDate] != 't')) return false;
  return IsDate(text.substr(0, kDate)) && IsTime(text.substr(kDate + 1));
}

// RFC 3339's grammar, in which a unit is followed by the next smaller one only.
bool IsDuration(std::string_view text) {
  static const RE2& pattern = Lasting(R"(P(?:\d+W|(?:(?:\d+Y(?:\d+M(?:\d+D)?)?|\d+M(?:\d+D)?|\d+D))"
                                      R"((?:T(?:\d+H(?:\d+M(?:\d+S)?)?|\d+M(?:\d+S)?|\d+S))?))"
                                      R"(|T(?:\d+H(?:\d+M(?:\d+S)?)?|\d+M(?:\d+S)?|\d+S)))");
  return RE2::FullMatch(text, pattern);
}

bool IsHostname(std::string_view text) {
  static const RE2& pattern = Lasting(COLOPHON_HOSTNAME);
  constexpr size_t kMaxBytes = 253;
  return text.size() <= kMaxBytes && RE2::FullMatch(text, pattern);
}

bool IsAddress(int family, std::string_view text) {
  // inet_pton takes what ends in a NUL.
  if (text.find('\0') != text.npos || text.size() > INET6_ADDRSTRLEN) return false;
  unsigned char address[sizeof(in6_addr)];
  return inet_pton(family, std::string(text).c_str(), address) == 1;
}

bool IsIpv4(std::string_view text) { return IsAddress(AF_INET, text); }
bool IsIpv6(std::string_view text) { return IsAddress(AF_INET6, text); }

bool IsEmail(std::string_view text) {
  static const RE2& local =
      Lasting(R"([A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*)"
              R"(|"(?:[ !#-\[\]-~]|\\[ -~])*")");
  const size_t at = text.rfind('@');
  if (at == text.npos || !RE2::FullMatch(text.substr(0, at), local)) return false;
  std::string_view domain = text.substr(at + 1);
  if (!domain.starts_with('[') || !domain.ends_with(']')) return IsHostname(domain);
  domain = domain.substr(1, domain.size() - 2);
  constexpr std::string_view kIpv6 = "IPv6:";
  return domain.starts_with(kIpv6) ? IsIpv6(domain.substr(kIpv6.size())) : IsIpv4(domain);
}

bool IsUri(std::string_view text) { return boost::urls::parse_uri(text).has_value(); }

bool IsUriReference(std::string_view text) {
  return boost::urls::parse_uri_reference(text).has_value();
}

bool IsUuid(std::string_view text) {
  static const RE2& pattern =
      Lasting("[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}");
  return RE2::FullMatch(text, pattern);
}

bool IsJsonPointer(std::string_view text) {
  static const RE2& pattern = Lasting("(?:/(?:[^~/]|~[01])*)*");
  return RE2::FullMatch(text, pattern);
}

bool IsRegex(std::string_view text) {
  const auto pattern = Pattern::Parse(text);
  return pattern.ok() || ReasonOf(pattern.status()) == "PATTERN_BEYOND_RE2";
}

constexpr std::array<Format, 13> kFormats = {{
    {"date-time", "2026-02-28T12:00:00Z", IsDateTime},
    {"date", "2026-02-28", IsDate},
    {"time", "12:00:00Z", IsTime},
    {"duration", "P1DT12H", IsDuration},
    {"email", "ada@example.com", IsEmail},
    {"uri", "https://example.com/a", IsUri},
    {"uri-reference", "/a?b#c", IsUriReference},
    {"uuid", "123e4567-e89b-12d3-a456-426614174000", IsUuid},
    {"ipv4", "192.0.2.1", IsIpv4},
    {"ipv6", "2001:db8::1", IsIpv6},
    {"hostname", "www.example.com", IsHostname},
    {"json-pointer", "/a/0", IsJsonPointer},
    {"regex", "^[a-z]+$", IsRegex, 24},
}};

}  // namespace

const Format* FindFormat(std::string_view name) {
  for (const Format& format : kFormats) {
    if (format.name == name) return &format;
  }
  return nullptr;
}

std::string_view FormatNames() {
  return "date-time, date, time, duration, email, uri, uri-reference, uuid, ipv4, ipv6, hostname, "
         "json-pointer, regex";
}

}  // namespace colophon::schema
