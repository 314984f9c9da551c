#include "service/registry/files.h"

#include <algorithm>
#include <charconv>
#include <utility>
#include <vector>

#include "fmt/format.h"
#include "service/base/hash.h"
#include "service/base/reference.h"
#include "service/git/objects.h"
#include "service/registry/page.h"
#include "service/registry/place.h"

namespace colophon {
namespace {

// What one call reads of files at most, when their contents aren't in the answer.
constexpr size_t kMaxBytesRead = 16 << 20;

// Where a list of files goes on:
//
//   position = commit " " sequence " " path       the path is the last one told
struct Position {
  ObjectId commit;
  int64_t sequence = 0;
  std::string path;
};

std::string Write(const Position& position) {
  return fmt::format("{} {} {}", position.commit.hex(), position.sequence, position.path);
}

// REQUIRES: `text` is what Write made, which the check of page tokens says.
absl::StatusOr<Position> ReadPosition(std::string_view text) {
  constexpr size_t kHexDigits = 40;
  Position position;
  const auto commit = ObjectId::FromHex(text.substr(0, std::min(kHexDigits, text.size())));
  const char* const end = text.data() + text.size();
  if (!commit || text.size() < kHexDigits + 1) {
    return InvalidArgument("BAD_PAGE_TOKEN", "page_token names no commit; begin again without one");
  }
  position.commit = *commit;
  const auto number = std::from_chars(text.data() + kHexDigits + 1, end, position.sequence);
  if (number.ptr != end) position.path = std::string(number.ptr + 1, end);
  return position;
}

}  // namespace

absl::StatusOr<v1::GetFilesResponse> Files::GetFiles(const v1::GetFilesRequest& request,
                                                     const Call& call) {
  const std::string& repository = request.repository();
  RETURN_IF_ERROR(CheckRepositoryName(repository));
  RETURN_IF_ERROR(catalog_->Sequence(repository).status());
  const std::string at = request.has_branch()        ? "heads/" + request.branch()
                         : request.has_at_sequence() ? std::to_string(request.at_sequence())
                                                     : "";
  const std::string list = fmt::format("files {} {} {}", repository, at, request.prefix());
  ASSIGN_OR_RETURN(const int page_size, PageSize(request.page_size()));
  ASSIGN_OR_RETURN(const std::string token, ReadPageToken(list, request.page_token()));
  Position position;
  if (token.empty()) {
    ASSIGN_OR_RETURN(const Place place, FindPlace(store_, *catalog_, request));
    position.commit = place.commit;
    position.sequence = place.sequence;
  } else {
    ASSIGN_OR_RETURN(position, ReadPosition(token));
  }

  v1::GetFilesResponse response;
  response.set_sequence(position.sequence);
  if (position.commit.is_zero()) return response;
  response.set_commit(position.commit.hex());
  StoredObjects objects(store_, nullptr, repository);
  ASSIGN_OR_RETURN(const auto files, ListFiles(objects, position.commit, request.prefix()));
  auto next = std::upper_bound(
      files.begin(), files.end(), position.path,
      [](const std::string& path, const TreeDifference& file) { return path < file.path; });
  Page<v1::File> page(page_size);
  for (size_t bytes_read = 0; next != files.end() && bytes_read < kMaxBytesRead; ++next) {
    RETURN_IF_ERROR(CheckWanted(call));
    ASSIGN_OR_RETURN(const SharedObject blob, objects.Get(next->after.id, ObjectType::kBlob));
    bytes_read += blob->data.size();
    v1::File file;
    file.set_path(next->path);
    file.set_sha256(Sha256Hex(blob->data));
    file.set_blob(next->after.id.hex());
    if (!request.omit_content()) file.set_content(blob->data);
    if (!page.Add(std::move(file))) break;
  }
  if (next != files.end()) {
    position.path = page.items().back().path();
    response.set_next_page_token(MakePageToken(list, Write(position)));
  }
  std::move(page).MoveTo(response.mutable_files());
  return response;
}

}  // namespace colophon
