// Damages a copy of a store, one file at a time, and reads everything: every kind of file
// that a store has, by flipped bits, cut ends, zeros, removal, exchange and garbage. The
// copy is refused, or reads say DATA_LOSS, or it doesn't matter and all is as it was
// acknowledged. Never is anything silently missing or other than it was.
//
//   damage_campaign [--cases 100] [--seed N]

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "fmt/format.h"
#include "service/store/rocksdb/rocksdb_store.h"
#include "tests/store/killed_copy.h"
#include "tests/store/ledger.h"
#include "tests/testing/temp_dir.h"

namespace colophon {
namespace {

namespace fs = std::filesystem;

struct Flags {
  int cases = 100;
  uint64_t seed = 1;
};

RocksdbStoreOptions SmallOptions() {
  RocksdbStoreOptions options;
  // Fills soon: rows of some families are flushed, those of others stay in the logs.
  options.cache_bytes = 4 << 20;
  options.upkeep_interval = std::chrono::milliseconds(1);
  return options;
}

// "sst" for 000012.sst, "MANIFEST" for MANIFEST-000003.
std::string KindOf(const std::string& name) {
  if (const size_t dot = name.rfind('.'); dot != std::string::npos) return name.substr(dot + 1);
  return name.substr(0, name.find('-'));
}

// A sound store, closed, and what was acknowledged of it.
class Sample {
 public:
  // `killed`: a copy of it while it was open.
  Sample(std::string directory, uint64_t seed, bool killed)
      : directory_(std::move(directory)), ledger_(seed) {
    const std::string live = killed ? directory_ + ".live" : directory_;
    Fill(live, 220, nullptr);  // The next start makes tables of it.
    Fill(live, 400, [&] {
      if (!killed) return;
      if (!CopyAsKilled(live, directory_)) Die("it can't be copied");
    });
    for (const auto& entry : fs::directory_iterator(directory_)) {
      const std::string name = entry.path().filename();
      if (entry.file_size() > 0) files_[KindOf(name)].push_back(name);
    }
    for (auto& [kind, names] : files_) std::sort(names.begin(), names.end());
    for (const char* kind :
         {"sst", "blob", "log", "MANIFEST", "CURRENT", "OPTIONS", "IDENTITY", "SYNCED"}) {
      if (!files_.contains(kind)) Die(fmt::format("it has no {}", kind));
    }
  }

  const std::string& directory() const { return directory_; }
  const Ledger& ledger() const { return ledger_; }
  // Names by kind, sorted.
  const std::map<std::string, std::vector<std::string>>& files() const { return files_; }

 private:
  void Fill(const std::string& directory, int steps, const std::function<void()>& when_full) {
    const auto store = OpenRocksdbStore(directory, SmallOptions());
    if (!store.ok()) Die(MessageOf(store.status()));
    while (ledger_.size() < steps) {
      const absl::Status status = ledger_.Write(store->get());
      if (!status.ok()) Die(MessageOf(status));
    }
    if (when_full) when_full();
  }
  [[noreturn]] void Die(const std::string& fact) const {
    fmt::print(stderr, "can't make the sample \"{}\": {}\n", directory_, fact);
    exit(2);
  }

  const std::string directory_;
  Ledger ledger_;
  std::map<std::string, std::vector<std::string>> files_;
};

// Spoils one file of a copy in a way that the random numbers choose.
class Damage {
 public:
  Damage(const Sample& sample, std::string copy, std::mt19937_64* random)
      : sample_(sample), copy_(std::move(copy)), random_(*random) {}

  // What was done.
  std::string Do() {
    auto kind = sample_.files().begin();
    std::advance(kind, static_cast<int64_t>(Below(sample_.files().size())));
    const std::vector<std::string>& names = kind->second;
    const std::string name = names[Below(names.size())];
    const std::string path = copy_ + "/" + name;
    std::string content = ReadFileOrDie(path);
    // Flips half of the time, and near the end, where a crash is looked for, half of
    // those.
    const uint64_t way = Below(12);
    if (way < 6) {
      const size_t at = way < 3 ? content.size() - 1 - Below(std::min<size_t>(content.size(), 200))
                                : Below(content.size());
      const int bit = static_cast<int>(Below(8));
      content[at] = static_cast<char>(content[at] ^ (1 << bit));
      WriteFile(path, content);
      return fmt::format("{}: bit {} of byte {} of {} flipped", name, bit, at, content.size());
    }
    if (way < 8) {
      const size_t cut =
          way == 6 ? 1 + Below(std::min<size_t>(content.size(), 64)) : 1 + Below(content.size());
      fs::resize_file(path, content.size() - cut);
      return fmt::format("{}: {} of {} bytes cut off", name, cut, content.size());
    }
    if (way == 8) {
      const size_t begin = Below(content.size());
      const size_t size = 1 + Below(std::min<size_t>(content.size() - begin, 4096));
      content.replace(begin, size, size, '\0');
      WriteFile(path, content);
      return fmt::format("{}: {} zeros at {} of {}", name, size, begin, content.size());
    }
    if (way == 9) {
      fs::remove(path);
      return fmt::format("{}: removed", name);
    }
    if (way == 10 && names.size() > 1) {
      const std::string other = names[Below(names.size())];
      const std::string other_content = ReadFileOrDie(copy_ + "/" + other);
      WriteFile(copy_ + "/" + other, content);
      WriteFile(path, other_content);
      return fmt::format("{} and {}: exchanged", name, other);
    }
    for (int i = 0; i < 100; ++i) content += static_cast<char>(Below(256));
    WriteFile(path, content);
    return fmt::format("{}: 100 bytes of garbage behind the end", name);
  }

 private:
  uint64_t Below(uint64_t limit) { return random_() % limit; }

  const Sample& sample_;
  const std::string copy_;
  std::mt19937_64& random_;
};

enum class Verdict { kRefused, kTold, kHarmless, kWrong };

// Starts on the copy twice: what is refused may not be taken, half empty, the next time.
Verdict Judge(const Sample& sample, const std::string& copy, std::string* wrong) {
  Verdict verdict = Verdict::kHarmless;
  for (int start = 0; start < 2; ++start) {
    const auto store = OpenRocksdbStore(copy, SmallOptions());
    if (!store.ok()) {
      verdict = Verdict::kRefused;
      continue;
    }
    const Findings findings = sample.ledger().Compare(store->get());
    if (!findings.wrong.empty()) {
      *wrong = fmt::format("start {}: {} things wrong, {}", start + 1, findings.wrong.size(),
                           findings.wrong[0]);
      return Verdict::kWrong;
    }
    const auto verified = (*store)->Verify();
    const bool is_whole = findings.told == 0 && verified.ok() && verified->problems_size() == 0;
    if (!is_whole && verdict == Verdict::kHarmless) verdict = Verdict::kTold;
  }
  return verdict;
}

int Campaign(const Flags& flags) {
  const TempDir place;
  const Sample samples[] = {Sample(place / "stopped", flags.seed, /*killed=*/false),
                            Sample(place / "killed", flags.seed + 1, /*killed=*/true)};
  std::mt19937_64 random(flags.seed);
  std::map<Verdict, int> verdicts;
  for (int i = 0; i < flags.cases; ++i) {
    const Sample& sample = samples[i % 2];
    const std::string copy = place / "copy";
    fs::copy(sample.directory(), copy);
    const std::string what = Damage(sample, copy, &random).Do();
    std::string wrong;
    const Verdict verdict = Judge(sample, copy, &wrong);
    ++verdicts[verdict];
    if (verdict == Verdict::kWrong) {
      fmt::print(stderr, "WRONG: case {} with seed {}, {} in \"{}\": {}\n", i, flags.seed, what,
                 sample.directory(), wrong);
    }
    fs::remove_all(copy);
  }
  fmt::print("{} cases with seed {}: {} refused, {} told by reads, {} harmless, {} wrong\n",
             flags.cases, flags.seed, verdicts[Verdict::kRefused], verdicts[Verdict::kTold],
             verdicts[Verdict::kHarmless], verdicts[Verdict::kWrong]);
  return verdicts[Verdict::kWrong] == 0 ? 0 : 1;
}

int Main(int argc, char** argv) {
  CLI::App app{"Damages a store's files and reads what is left."};
  Flags flags;
  app.add_option("--cases", flags.cases, "How many")->capture_default_str();
  app.add_option("--seed", flags.seed, "Of every choice")->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  return Campaign(flags);
}

}  // namespace
}  // namespace colophon

int main(int argc, char** argv) { return colophon::Main(argc, argv); }
