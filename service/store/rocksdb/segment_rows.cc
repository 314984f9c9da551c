#include "service/store/rocksdb/segment_rows.h"

namespace colophon {
namespace {

constexpr uint32_t kEndOfPostings = 1u << 30;

void AppendVarint(uint32_t number, std::string* out) {
  while (number >= 0x80) {
    *out += static_cast<char>(number | 0x80);
    number >>= 7;
  }
  *out += static_cast<char>(number);
}

std::optional<uint32_t> TakeVarint(std::string_view* bytes) {
  uint32_t number = 0;
  for (int shift = 0; shift < 35 && !bytes->empty(); shift += 7) {
    const auto byte = static_cast<unsigned char>(bytes->front());
    bytes->remove_prefix(1);
    number |= static_cast<uint32_t>(byte & 0x7f) << shift;
    if (byte < 0x80) return number;
  }
  return std::nullopt;
}

// Calls visit(posting) for each, until it says false; false when they can't be read.
template <class Visit>
bool ForEachPosting(std::string_view content, const Visit& visit) {
  uint64_t posting = 0;
  for (bool first = true; !content.empty(); first = false) {
    const std::optional<uint32_t> delta = TakeVarint(&content);
    if (!delta || (*delta == 0 && !first)) return false;
    posting += *delta;
    if (posting >= kEndOfPostings) return false;
    if (!visit(static_cast<uint32_t>(posting))) return true;
  }
  return true;
}

}  // namespace

std::string EncodePostings(const std::vector<uint32_t>& postings) {
  std::string content;
  uint32_t before = 0;
  for (const uint32_t posting : postings) {
    AppendVarint(posting - before, &content);
    before = posting;
  }
  return content;
}

std::optional<std::vector<uint32_t>> DecodePostings(std::string_view content) {
  std::vector<uint32_t> postings;
  const bool whole = ForEachPosting(content, [&](uint32_t posting) {
    postings.push_back(posting);
    return true;
  });
  if (!whole) return std::nullopt;
  return postings;
}

std::optional<std::vector<uint16_t>> RowsOfTerm(std::string_view postings, uint32_t short_term) {
  const uint32_t low_bits = short_term & (kTermBuckets - 1);
  std::vector<uint16_t> rows;
  const bool whole = ForEachPosting(postings, [&](uint32_t posting) {
    if (LowBitsOf(posting) == low_bits) rows.push_back(RowOf(posting));
    return LowBitsOf(posting) <= low_bits;
  });
  if (!whole) return std::nullopt;
  return rows;
}

}  // namespace colophon
