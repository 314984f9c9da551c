#include "service/registry/file_search.h"

#include <algorithm>
#include <charconv>
#include <string>
#include <utility>
#include <vector>

#include "fmt/format.h"
#include "service/base/field_check.h"
#include "service/base/reference.h"
#include "service/base/work.h"
#include "service/git/objects.h"
#include "service/registry/line_search.h"
#include "service/registry/page.h"
#include "service/registry/place.h"

namespace colophon {
namespace {

// What one call does before it ends its page, in steps of Work: about 0.2 s. It takes the
// list of one tree, or of what one change altered, besides.
constexpr int64_t kMaxSteps = 2'000'000;
constexpr int64_t kStepsOfRead = 100;  // One object or row, however small.
constexpr int64_t kPasses = 4;         // Read, hashed, checked, searched.
constexpr int64_t kStepsOfLine = 10;   // One that holds the text.

constexpr int kChangesRead = 32;  // At a time.
// Objects that neighbouring changes have in common.
constexpr size_t kCacheBytes = 4 << 20;

int64_t StepsOfRead(size_t bytes) { return kStepsOfRead + kPasses * Work::OfBytes(bytes); }

// Where a search goes on:
//
//   position = commit " " sequence " " told " " path
//
// With `history` at this change, whose commit stands there as zeros; else in the files of
// the commit. All before `path` is told, and of `path` the first `told` lines.
struct Position {
  ObjectId commit;
  int64_t sequence = 0;
  size_t told = 0;
  std::string path;
};

std::string Write(const Position& position) {
  return fmt::format("{} {} {} {}", position.commit.hex(), position.sequence, position.told,
                     position.path);
}

absl::StatusOr<Position> ReadPosition(std::string_view text) {
  constexpr size_t kHexDigits = 40;
  const auto bad = [] {
    return InvalidArgument("BAD_PAGE_TOKEN",
                           "page_token names no place in a search; begin again without one");
  };
  Position position;
  const auto commit = ObjectId::FromHex(text.substr(0, std::min(kHexDigits, text.size())));
  if (!commit || text.size() < kHexDigits + 1) return bad();
  position.commit = *commit;
  const char* const end = text.data() + text.size();
  const auto sequence = std::from_chars(text.data() + kHexDigits + 1, end, position.sequence);
  if (sequence.ec != std::errc() || sequence.ptr == end) return bad();
  const auto told = std::from_chars(sequence.ptr + 1, end, position.told);
  if (told.ec != std::errc() || told.ptr == end) return bad();
  position.path = std::string(told.ptr + 1, end);
  return position;
}

// Counts what is read.
class MeteredObjects : public ObjectReader {
 public:
  explicit MeteredObjects(ObjectReader* below) : below_(below) {}

  using ObjectReader::Get;
  absl::StatusOr<SharedObject> Get(const ObjectId& id) override {
    auto object = below_->Get(id);
    steps_ += StepsOfRead(object.ok() ? (*object)->data.size() : 0);
    return object;
  }
  int64_t steps() const { return steps_; }

 private:
  ObjectReader* const below_;
  int64_t steps_ = 0;
};

void WriteLine(const FoundLine& found, v1::LineMatch* match) {
  const LineExcerpt excerpt = ExcerptOf(found);
  match->set_line(found.number);
  match->set_column(excerpt.column);
  match->set_text(std::string(excerpt.text));
  match->set_start_byte(static_cast<int32_t>(excerpt.begin));
  match->set_end_byte(static_cast<int32_t>(excerpt.end));
  match->set_shortened(excerpt.text.size() < found.line.size());
}

// What is told of a change beside a line.
v1::Change WithoutLists(const v1::Change& change) {
  v1::Change told;
  told.set_repository(change.repository());
  told.set_sequence(change.sequence());
  told.set_commit(change.commit());
  told.set_author(change.author());
  told.set_description(change.description());
  *told.mutable_change_time() = change.change_time();
  return told;
}

// True when its row says that it touched no such file.
bool TouchesNone(const v1::Change& change, const std::string& prefix) {
  return change.next_page_token().empty() &&
         std::none_of(change.paths().begin(), change.paths().end(),
                      [&](const std::string& path) { return path.starts_with(prefix); });
}

// One call. SearchCommit and SearchHistory answer whether they came to their end; when not,
// position() says where to go on.
class Search {
 public:
  Search(Store* store, const v1::SearchFilesRequest& request, const Call& call, LineSearch text,
         int page_size, Position position)
      : store_(store),
        request_(request),
        call_(call),
        text_(std::move(text)),
        cache_(kCacheBytes),
        stored_(store, &cache_, request.repository()),
        objects_(&stored_),
        page_(page_size),
        position_(std::move(position)) {}

  absl::StatusOr<bool> SearchCommit() {
    if (position_.commit.is_zero()) return true;
    ASSIGN_OR_RETURN(const auto files, ListFiles(objects_, position_.commit, request_.prefix()));
    return SearchEach(files, nullptr);
  }

  // From the change of the position on down to the first one.
  absl::StatusOr<bool> SearchHistory() {
    while (position_.sequence >= 1) {
      ASSIGN_OR_RETURN(
          const auto changes,
          store_->ListChanges(request_.repository(), position_.sequence, -1, kChangesRead));
      if (changes.empty()) {
        return DataLoss("CHANGE_MISSING", fmt::format("change {} of {} is missing in the store",
                                                      position_.sequence, request_.repository()));
      }
      for (const v1::Change& change : changes) {
        if (spent() >= kMaxSteps) return false;
        RETURN_IF_ERROR(CheckWanted(call_));
        steps_ += StepsOfRead(change.ByteSizeLong());
        oldest_ = change.sequence();
        if (!TouchesNone(change, request_.prefix())) {
          const ObjectId commit = ObjectId::FromHex(change.commit()).value_or(ObjectId());
          ASSIGN_OR_RETURN(const auto files, ListAlteredFiles(objects_, commit, request_.prefix()));
          ASSIGN_OR_RETURN(const bool is_all, SearchEach(files, &change));
          if (!is_all) return false;
        }
        position_ = {.sequence = change.sequence() - 1};
      }
    }
    return true;
  }

  const Position& position() const { return position_; }
  // The oldest change that was looked at; 0: none.
  int64_t oldest() const { return oldest_; }
  Page<v1::LineMatch>& page() { return page_; }

 private:
  int64_t spent() const { return steps_ + objects_.steps(); }

  // What the files hold; with a change, what it did with them.
  absl::StatusOr<bool> SearchEach(const std::vector<TreeDifference>& files,
                                  const v1::Change* change) {
    auto file = std::lower_bound(
        files.begin(), files.end(), position_.path,
        [](const TreeDifference& one, const std::string& path) { return one.path < path; });
    for (; file != files.end(); ++file) {
      if (file->path != position_.path) position_.told = 0;
      position_.path = file->path;
      if (file_steps_ >= kMaxSteps) return false;
      RETURN_IF_ERROR(CheckWanted(call_));
      const int64_t spent_before = spent();
      ASSIGN_OR_RETURN(const bool is_all, SearchFile(*file, change));
      file_steps_ += spent() - spent_before;
      if (!is_all) return false;
    }
    return true;
  }

  absl::StatusOr<bool> SearchFile(const TreeDifference& file, const v1::Change* change) {
    ASSIGN_OR_RETURN(const SharedObject after, Read(file.after));
    const std::vector<FoundLine> lines = Find(after);
    v1::LineMatch match;
    match.set_path(file.path);
    size_t passed = 0;
    if (change == nullptr) return Tell(lines, match, &passed);
    ASSIGN_OR_RETURN(const SharedObject before, Read(file.before));
    const std::vector<FoundLine> lines_before = Find(before);
    *match.mutable_change() = WithoutLists(*change);
    match.set_step(v1::LineMatch::STEP_REMOVED);
    if (!Tell(LinesNotIn(lines, lines_before), match, &passed)) return false;
    match.set_step(v1::LineMatch::STEP_ADDED);
    return Tell(LinesNotIn(lines_before, lines), match, &passed);
  }

  // Null: nothing that has lines.
  absl::StatusOr<SharedObject> Read(const TreeFile& file) {
    if (file.mode != kFileMode) return SharedObject();
    return objects_.Get(file.id, ObjectType::kBlob);
  }

  std::vector<FoundLine> Find(const SharedObject& blob) {
    if (blob == nullptr) return {};
    std::vector<FoundLine> lines = text_.FindIn(blob->data);
    steps_ += kStepsOfLine * std::ssize(lines);
    return lines;
  }

  // `match` says what all the lines have in common. `passed` counts the lines of the file,
  // those of earlier pages too. False when the page is full.
  bool Tell(const std::vector<FoundLine>& lines, const v1::LineMatch& match, size_t* passed) {
    for (const FoundLine& line : lines) {
      if ((*passed)++ < position_.told) continue;
      v1::LineMatch told = match;
      WriteLine(line, &told);
      if (!page_.Add(std::move(told))) return false;
      ++position_.told;
    }
    return true;
  }

  Store* const store_;
  const v1::SearchFilesRequest& request_;
  const Call& call_;
  const LineSearch text_;
  ObjectCache cache_;
  StoredObjects stored_;
  MeteredObjects objects_;
  Page<v1::LineMatch> page_;
  Position position_;
  int64_t steps_ = 0;  // Without those of objects_.
  int64_t file_steps_ = 0;
  int64_t oldest_ = 0;
};

}  // namespace

absl::StatusOr<v1::SearchFilesResponse> FileSearch::SearchFiles(
    const v1::SearchFilesRequest& request, const Call& call) {
  const std::string& repository = request.repository();
  RETURN_IF_ERROR(CheckRepositoryName(repository));
  ASSIGN_OR_RETURN(const int64_t newest, catalog_->Sequence(repository));
  ASSIGN_OR_RETURN(LineSearch text, LineSearch::Of(request.text(), request.ignore_case()));
  if (request.history() && request.has_branch()) {
    return BadField("BAD_VALUE", "branch", "given beside history",
                    "drafts have no changes; leave one of them out");
  }
  v1::SearchFilesRequest asked = request;
  asked.clear_page_size();
  asked.clear_page_token();
  const std::string list = "search " + asked.SerializeAsString();
  ASSIGN_OR_RETURN(const int page_size, PageSize(request.page_size()));
  ASSIGN_OR_RETURN(const std::string token, ReadPageToken(list, request.page_token()));
  Position position;
  if (token.empty()) {
    ASSIGN_OR_RETURN(const Place place, FindPlace(store_, *catalog_, request));
    position.sequence = place.sequence;
    if (!request.history()) position.commit = place.commit;
  } else {
    ASSIGN_OR_RETURN(position, ReadPosition(token));
    position.sequence = std::min(position.sequence, newest);
  }

  Search search(store_, request, call, std::move(text), page_size, std::move(position));
  ASSIGN_OR_RETURN(const bool is_all,
                   request.history() ? search.SearchHistory() : search.SearchCommit());
  v1::SearchFilesResponse response;
  const Position& end = search.position();
  if (!end.commit.is_zero()) response.set_commit(end.commit.hex());
  response.set_sequence(request.history() ? search.oldest() : end.sequence);
  if (!is_all) response.set_next_page_token(MakePageToken(list, Write(end)));
  std::move(search.page()).MoveTo(response.mutable_matches());
  return response;
}

}  // namespace colophon
