#include "service/store/rocksdb/synced_mark.h"

#include <array>
#include <utility>

#include "fmt/format.h"
#include "service/store/rocksdb/crc32c.h"
#include "service/store/rocksdb/keys.h"

namespace colophon {
namespace {

constexpr std::string_view kMagic = "colsync1";
constexpr size_t kNumbers = 6;
// On two sectors of any disk, so that no cut write spoils both.
constexpr size_t kSlotDistance = 4096;
constexpr size_t kFileBytes = 2 * kSlotDistance;
constexpr size_t kSlotBytes = kMagic.size() + kNumbers * sizeof(uint64_t) + sizeof(uint32_t);

struct Slot {
  uint64_t turn = 0;
  SyncedMark mark;
};

std::string EncodeSlot(const Slot& slot) {
  std::string bytes(kMagic);
  for (const uint64_t number : {slot.turn, slot.mark.sequence, slot.mark.log, slot.mark.log_bytes,
                                slot.mark.manifest, slot.mark.manifest_bytes}) {
    AppendU64(number, &bytes);
  }
  AppendU32(Crc32c(0, bytes), &bytes);
  return bytes;
}

std::optional<Slot> DecodeSlot(std::string_view bytes) {
  if (!bytes.starts_with(kMagic)) return std::nullopt;
  std::string_view rest = bytes.substr(kMagic.size());
  std::array<uint64_t, kNumbers> numbers;
  for (uint64_t& number : numbers) {
    const std::optional<uint64_t> taken = TakeU64(&rest);
    if (!taken) return std::nullopt;
    number = *taken;
  }
  const std::string_view covered = bytes.substr(0, bytes.size() - rest.size());
  if (TakeU32(&rest) != Crc32c(0, covered)) return std::nullopt;
  return Slot{.turn = numbers[0],
              .mark = {.sequence = numbers[1],
                       .log = numbers[2],
                       .log_bytes = numbers[3],
                       .manifest = numbers[4],
                       .manifest_bytes = numbers[5]}};
}

size_t PlaceOf(uint64_t turn) { return turn % 2 * kSlotDistance; }

std::string PathIn(const std::string& directory) { return directory + "/" + SyncedFile::kName; }

// The one that counts; nullopt when neither is whole.
std::optional<Slot> NewestSlot(std::string_view file) {
  std::optional<Slot> newest;
  for (const size_t place : {size_t{0}, kSlotDistance}) {
    if (place >= file.size()) continue;
    const std::optional<Slot> slot = DecodeSlot(file.substr(place, kSlotBytes));
    if (slot && (!newest || slot->turn > newest->turn)) newest = slot;
  }
  return newest;
}

}  // namespace

rocksdb::Status SyncedFile::Create(rocksdb::Env* env, const std::string& directory,
                                   const SyncedMark& mark) {
  std::string file(kFileBytes, '\0');
  for (const uint64_t turn : {1, 2}) {
    file.replace(PlaceOf(turn), kSlotBytes, EncodeSlot({turn, mark}));
  }
  const std::string temporary = PathIn(directory) + ".new";
  rocksdb::Status status = rocksdb::WriteStringToFile(env, file, temporary, /*should_sync=*/true);
  if (status.ok()) status = env->RenameFile(temporary, PathIn(directory));
  std::unique_ptr<rocksdb::Directory> names;
  if (status.ok()) status = env->NewDirectory(directory, &names);
  if (status.ok()) status = names->Fsync();
  return status;
}

absl::StatusOr<std::optional<SyncedMark>> SyncedFile::Read(rocksdb::Env* env,
                                                           const std::string& directory) {
  if (env->FileExists(PathIn(directory)).IsNotFound()) return std::optional<SyncedMark>();
  std::string file;
  const rocksdb::Status status = rocksdb::ReadFileToString(env, PathIn(directory), &file);
  if (!status.ok()) {
    return Unavailable("STORE_READ_FAILED", fmt::format("can't read \"{}\": {}. Check the disk",
                                                        PathIn(directory), status.ToString()));
  }
  const std::optional<Slot> newest = NewestSlot(file);
  if (!newest) {
    return DataLoss("CORRUPT_STORE",
                    fmt::format("\"{}\", which says how far the store had come, is damaged",
                                PathIn(directory)));
  }
  return std::optional<SyncedMark>(newest->mark);
}

rocksdb::Status SyncedFile::Open(rocksdb::Env* env, const std::string& directory,
                                 std::unique_ptr<SyncedFile>* file) {
  std::string content;
  rocksdb::Status status = rocksdb::ReadFileToString(env, PathIn(directory), &content);
  if (!status.ok()) return status;
  const std::optional<Slot> newest = NewestSlot(content);
  std::unique_ptr<rocksdb::RandomRWFile> opened;
  status = env->NewRandomRWFile(PathIn(directory), &opened, rocksdb::EnvOptions());
  if (status.ok()) file->reset(new SyncedFile(std::move(opened), newest ? newest->turn : 0));
  return status;
}

rocksdb::Status SyncedFile::Write(const SyncedMark& mark) {
  const uint64_t turn = turn_ + 1;
  rocksdb::Status status = file_->Write(PlaceOf(turn), EncodeSlot({turn, mark}));
  if (status.ok()) status = file_->Sync();
  if (status.ok()) turn_ = turn;
  return status;
}

}  // namespace colophon
