#include "service/record/text_search.h"

#include <algorithm>
#include <functional>
#include <optional>
#include <utility>

#include "fmt/format.h"
#include "service/base/hash.h"
#include "service/base/page_token.h"
#include "service/record/fingerprints.h"
#include "service/record/normal_form.h"
#include "service/record/page_limits.h"
#include "service/record/recorder.h"
#include "service/record/terms.h"
#include "service/record/tokens.h"

namespace colophon {
namespace {

// Enough for one record in a hundred million to have them all by chance.
constexpr size_t kMaxTerms = 24;
// Ids that are asked for at a time.
constexpr int kBatch = 64;
// Somebody who selects text with a mouse cuts the words at both ends.
constexpr size_t kMinCutTokens = 10;

// One kind of match: how it is looked for, and whether what was found is one.
struct Kind {
  v1::OutputMatch match = v1::OUTPUT_MATCH_UNSPECIFIED;
  std::string list;                // What a page token belongs to.
  std::vector<TermQuery> queries;  // One a repository.
  // Where in an output's text it is; nullopt: it is none.
  std::function<std::optional<v1::TextSpan>(const std::string& output)> judge;
};

std::string ListName(std::string_view kind, const TextQuery& query) {
  std::string list = fmt::format("found {}\n{}", kind, Sha256Hex(query.text));
  for (const std::string& repository : query.repositories) list += "\n" + repository;
  return list;
}

Kind NormalFormKind(const TextQuery& query) {
  Kind kind{.match = v1::OUTPUT_MATCH_NORMAL_FORM, .list = ListName("normal form", query)};
  const std::string digest = NormalFormDigest(query.text);
  if (digest.empty()) return kind;
  for (const std::string& repository : query.repositories) {
    kind.queries.push_back({.terms = {NormalFormTerm(repository, digest)}});
  }
  kind.judge = [digest](const std::string& output) -> std::optional<v1::TextSpan> {
    if (NormalFormDigest(output) != digest) return std::nullopt;
    return v1::TextSpan();
  };
  return kind;
}

Kind ExcerptKind(std::string_view name, std::vector<Token> part, const TextQuery& query) {
  Kind kind{.match = v1::OUTPUT_MATCH_EXCERPT, .list = ListName(name, query)};
  for (const std::string& repository : query.repositories) {
    std::vector<Term> terms = ExcerptTerms(repository, part);
    if (terms.empty()) return kind;
    if (terms.size() > kMaxTerms) terms.resize(kMaxTerms);
    const size_t least = terms.size();
    kind.queries.push_back({.terms = std::move(terms), .least = least});
  }
  kind.judge = [part = std::move(part)](const std::string& output) -> std::optional<v1::TextSpan> {
    const std::vector<Token> tokens = Tokenize(output);
    const TokenRange found = FindTokens(tokens, part);
    if (found.begin == TokenRange::npos) return std::nullopt;
    v1::TextSpan span;
    span.set_start_byte(tokens[found.begin].begin);
    span.set_end_byte(tokens[found.end - 1].end);
    return span;
  };
  return kind;
}

// The best first, but for the exact one.
std::vector<Kind> KindsOf(const TextQuery& query) {
  std::vector<Kind> kinds;
  kinds.push_back(NormalFormKind(query));
  std::vector<Token> tokens = Tokenize(query.text);
  std::vector<Token> cut;
  if (tokens.size() >= kMinCutTokens) cut.assign(tokens.begin() + 1, tokens.end() - 1);
  kinds.push_back(ExcerptKind("excerpt", std::move(tokens), query));
  kinds.push_back(ExcerptKind("excerpt without its ends", std::move(cut), query));
  std::erase_if(kinds, [](const Kind& kind) { return kind.queries.empty(); });
  return kinds;
}

// The newest of all queries' ids before `before`, at most kBatch.
absl::StatusOr<std::vector<std::string>> NextIds(RecordStore* store, const Kind& kind,
                                                 const std::string& before) {
  std::vector<std::string> ids;
  for (TermQuery query : kind.queries) {
    query.before_id = before;
    query.limit = kBatch;
    ASSIGN_OR_RETURN(std::vector<TermMatch> matches, store->FindByTerms(query));
    for (TermMatch& match : matches) ids.push_back(std::move(match.id));
  }
  std::sort(ids.begin(), ids.end(), std::greater<>());
  if (ids.size() > kBatch) ids.resize(kBatch);
  return ids;
}

// A position in the list is the id of the last record looked at.
absl::StatusOr<TextPage> Walk(RecordStore* store, const Kind& kind, const TextQuery& query) {
  ASSIGN_OR_RETURN(const int wanted, CheckPageSize(query.page_size));
  ASSIGN_OR_RETURN(std::string before, ReadPageToken(kind.list, query.page_token));
  TextPage page{.match = kind.match};
  size_t bytes_read = 0, page_bytes = 0;
  for (int rows = 0; rows < kMaxPageRows && bytes_read < kMaxPageBytesRead;) {
    ASSIGN_OR_RETURN(const std::vector<std::string> ids, NextIds(store, kind, before));
    for (const std::string& id : ids) {
      ASSIGN_OR_RETURN(v1::Record record, store->GetRecord(id));
      bytes_read += record.ByteSizeLong();
      ++rows;
      std::optional<v1::TextSpan> span = kind.judge(OutputText(record.outcome().completion()));
      if (span) {
        ShortenForList(&record);
        page_bytes += record.ByteSizeLong();
        if (page_bytes > kMaxPageBytes && !page.records.empty()) {
          page.next_page_token = MakePageToken(kind.list, page.records.back().id());
          return page;
        }
        page.records.push_back(std::move(record));
        if (kind.match == v1::OUTPUT_MATCH_EXCERPT) page.spans.push_back(*std::move(span));
      }
      before = id;
      if (std::ssize(page.records) == wanted || bytes_read >= kMaxPageBytesRead) {
        page.next_page_token = MakePageToken(kind.list, before);
        return page;
      }
    }
    if (std::ssize(ids) < kBatch) return page;  // The last.
  }
  page.next_page_token = MakePageToken(kind.list, before);
  return page;
}

// Whether a page is the answer, or the next kind is to be looked for.
bool IsAnswer(const absl::StatusOr<TextPage>& page) {
  // A page token is of one kind, and the list goes on with that.
  if (!page.ok()) return ReasonOf(page.status()) != "BAD_PAGE_TOKEN";
  return !page->records.empty() || !page->next_page_token.empty();
}

}  // namespace

absl::StatusOr<TextPage> TextSearch::FindExact(const TextQuery& query) {
  const std::string repository = query.repositories.size() == 1 ? query.repositories[0] : "";
  ASSIGN_OR_RETURN(RecordPage found, queries_.Find(Sha256Hex(query.text), repository,
                                                   query.page_size, query.page_token));
  return TextPage{.match = v1::OUTPUT_MATCH_EXACT,
                  .records = std::move(found.records),
                  .spans = {},
                  .next_page_token = std::move(found.next_page_token)};
}

absl::StatusOr<TextPage> TextSearch::Find(const TextQuery& query) {
  if (query.repositories.empty()) return TextPage();
  absl::StatusOr<TextPage> exact = FindExact(query);
  if (IsAnswer(exact)) return exact;
  for (const Kind& kind : KindsOf(query)) {
    absl::StatusOr<TextPage> page = Walk(store_, kind, query);
    // With a token, an empty page is the end of the list that the token is of.
    if (IsAnswer(page) || (page.ok() && !query.page_token.empty())) return page;
  }
  // A token that is of no list is told.
  RETURN_IF_ERROR(exact.status());
  return TextPage();
}

}  // namespace colophon
