#include "tests/lint/layers.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string_view>

#include "fmt/format.h"

namespace colophon {
namespace {

// A room and the rooms it may include, beside itself. Read from the bottom:
//
//   main → server → { rpc | http } → api → completion → { registry | provider | record }
//        → log → store → base   registry → { template | git }   api → git   http → shape → base
//   template: lint → render → prompt → schema → syntax → base
//
// A folder that holds rooms stands for them all where it is named as below.
struct Room {
  std::string_view name;
  std::vector<std::string_view> below;
};

const std::vector<Room>& Rooms() {
  static const std::vector<Room> rooms = {
      {"service/main",
       {"service/server", "service/rpc", "service/http", "service/api", "service/access",
        "service/metrics", "service/completion", "service/registry", "service/provider",
        "service/record", "service/git", "service/log", "service/template", "service/store",
        "service/base"}},
      {"service/server",
       {"service/rpc", "service/http", "service/api", "service/access", "service/metrics",
        "service/completion", "service/registry", "service/provider", "service/record",
        "service/log", "service/template", "service/store", "service/base"}},
      {"service/rpc", {"service/api", "service/base"}},
      {"service/http", {"service/api", "service/shape", "service/base"}},
      {"service/shape", {"service/base"}},
      {"service/api",
       {"service/access", "service/metrics", "service/completion", "service/registry",
        "service/provider", "service/record", "service/git", "service/log", "service/template",
        "service/store", "service/base"}},
      {"service/access", {"service/store", "service/base"}},
      {"service/metrics", {"service/base"}},
      {"service/completion",
       {"service/metrics", "service/registry", "service/provider", "service/record", "service/log",
        "service/template", "service/store", "service/base"}},
      {"service/registry",
       {"service/log", "service/template", "service/git", "service/store", "service/base"}},
      {"service/git", {"service/store", "service/base"}},
      {"service/provider", {"service/log", "service/store", "service/base"}},
      {"service/record", {"service/log", "service/store", "service/base"}},
      {"service/log", {"service/store", "service/base"}},
      {"service/store", {"service/base"}},
      {"service/template/lint",
       {"service/template/render", "service/template/prompt", "service/template/schema",
        "service/template/syntax", "service/base"}},
      {"service/template/render",
       {"service/template/prompt", "service/template/schema", "service/template/syntax",
        "service/base"}},
      {"service/template/prompt",
       {"service/template/schema", "service/template/syntax", "service/base"}},
      {"service/template/schema", {"service/template/syntax", "service/base"}},
      {"service/template/syntax", {"service/base"}},
      {"service/base", {}},
      {"client/cli", {"client/cpp", "service/template", "service/base"}},
      {"client/cpp", {"service/base"}},
  };
  return rooms;
}

// A foreign library, or a folder of ours that only some may know, and the paths that may include
// it, as prefixes.
struct Home {
  std::string_view include;
  std::vector<std::string_view> paths;
};

const std::vector<Home>& Homes() {
  static const std::vector<Home> homes = {
      {"git2.h", {"service/git/", "client/cli/git.cc"}},
      {"git2/", {"service/git/"}},
      {"rocksdb/", {"service/store/rocksdb/"}},
      {"service/store/rocksdb/", {"service/store/rocksdb/", "service/server.cc"}},
      {"curl/", {"service/provider/http"}},
      {"boost/asio/ssl", {"service/http/"}},
      {"boost/beast", {"service/http/"}},
      {"ncurses.h", {"client/cli/read/screen.cc"}},
      {"boost/math", {"client/cli/statistics.cc"}},
      {"boost/url", {"service/template/schema/", "service/provider/media_url.cc"}},
      {"unicode/", {"service/record/"}},
      {"re2/", {"service/template/schema/", "service/registry/line_search.cc"}},
      {"grpcpp/", {"service/rpc/", "client/"}},
      {"grpc/", {"service/rpc/", "client/"}},
      {"spdlog/", {"service/base/"}},
      {"prometheus/", {"service/metrics/"}},
      {"zlib.h", {"service/http/gzip"}},
  };
  return homes;
}

constexpr std::string_view kGeneratedServices = ".grpc.pb.h";

// The path between the quotes or brackets of an #include line.
std::optional<std::string_view> IncludedPath(std::string_view line) {
  const size_t start = line.find_first_not_of(" \t");
  if (start == std::string_view::npos || line[start] != '#') return std::nullopt;
  line.remove_prefix(start + 1);
  const size_t word = line.find_first_not_of(" \t");
  if (word == std::string_view::npos || !line.substr(word).starts_with("include")) {
    return std::nullopt;
  }
  const size_t open = line.find_first_of("\"<");
  if (open == std::string_view::npos) return std::nullopt;
  const size_t close = line.find_first_of("\">", open + 1);
  if (close == std::string_view::npos) return std::nullopt;
  return line.substr(open + 1, close - open - 1);
}

bool IsIn(std::string_view path, std::string_view folder) {
  return path.starts_with(folder) && path.substr(folder.size()).starts_with('/');
}

// The room of a path; empty when the path is in none. A file right in service/
// is main's or else the server's.
std::string_view RoomOf(std::string_view path) {
  for (const Room& room : Rooms()) {
    if (IsIn(path, room.name)) return room.name;
  }
  if (path == "service/main.cc") return "service/main";
  constexpr std::string_view kService = "service/";
  if (path.starts_with(kService) && path.find('/', kService.size()) == std::string_view::npos) {
    return "service/server";
  }
  return "";
}

bool MayInclude(std::string_view from, std::string_view to) {
  if (from == to) return true;
  for (const Room& room : Rooms()) {
    if (room.name != from) continue;
    return std::any_of(room.below.begin(), room.below.end(),
                       [to](std::string_view below) { return below == to || IsIn(to, below); });
  }
  return false;
}

bool IsOurs(std::string_view path) {
  return path.starts_with("service/") || path.starts_with("client/") || path.starts_with("tests/");
}

bool StartsWithOneOf(std::string_view path, const std::vector<std::string_view>& prefixes) {
  return std::any_of(prefixes.begin(), prefixes.end(),
                     [&](std::string_view prefix) { return path.starts_with(prefix); });
}

// What is wrong with `file` including `included`; empty when nothing is.
std::string CheckInclude(const SourceFile& file, std::string_view room, std::string_view included) {
  for (const Home& home : Homes()) {
    const bool is_library = included.starts_with(home.include) ||
                            (home.include == "grpcpp/" && included.ends_with(kGeneratedServices));
    if (is_library && !StartsWithOneOf(file.path, home.paths)) {
      return fmt::format("\"{}\" has its home in {}", included, fmt::join(home.paths, ", "));
    }
  }
  if (!IsOurs(included)) return "";
  const std::string_view other = RoomOf(included);
  if (other.empty()) return fmt::format("{} may not include \"{}\"", room, included);
  if (MayInclude(room, other)) return "";
  return fmt::format("{} may not include \"{}\": {} is not below it", room, included, other);
}

// "service/store/store" of its .h and its .cc.
std::string_view StemOf(std::string_view path) { return path.substr(0, path.rfind('.')); }

// The modules of one room, and what each includes of the same room.
using Modules = std::map<std::string_view, std::set<std::string_view>>;

std::map<std::string_view, Modules> ModulesByRoom(const std::vector<SourceFile>& files) {
  std::map<std::string_view, Modules> rooms;
  for (const SourceFile& file : files) {
    if (!IsCode(file) || file.path.starts_with("tests/")) continue;
    const std::string_view room = RoomOf(file.path);
    const std::string_view stem = StemOf(file.path);
    std::set<std::string_view>& includes = rooms[room][stem];
    for (const std::string_view line : file.Lines()) {
      const std::optional<std::string_view> included = IncludedPath(line);
      if (!included || !IsOurs(*included) || RoomOf(*included) != room) continue;
      if (StemOf(*included) != stem) includes.insert(StemOf(*included));
    }
  }
  return rooms;
}

// Walks the modules of a room depth first, and keeps the first cycle.
class CycleFinder {
 public:
  explicit CycleFinder(const Modules& modules) : modules_(modules) {}

  // "a → b → a"; empty when there is none.
  std::string Find() {
    for (const auto& [module, includes] : modules_) {
      if (Visit(module)) break;
    }
    return cycle_;
  }

 private:
  bool Visit(std::string_view module) {
    const auto again = std::find(chain_.begin(), chain_.end(), module);
    if (again != chain_.end()) {
      for (auto link = again; link != chain_.end(); ++link) cycle_ += fmt::format("{} → ", *link);
      cycle_ += module;
      return true;
    }
    const auto includes = modules_.find(module);
    if (includes == modules_.end() || !visited_.insert(module).second) return false;
    chain_.push_back(module);
    for (const std::string_view included : includes->second) {
      if (Visit(included)) return true;
    }
    chain_.pop_back();
    return false;
  }

  const Modules& modules_;
  std::set<std::string_view> visited_;
  std::vector<std::string_view> chain_;
  std::string cycle_;
};

}  // namespace

std::vector<std::string> CheckLayers(const std::vector<SourceFile>& files) {
  std::vector<std::string> findings;
  for (const SourceFile& file : files) {
    if (!IsCode(file)) continue;
    if (file.path.starts_with("tests/")) continue;
    const std::string_view room = RoomOf(file.path);
    if (room.empty()) {
      findings.push_back(Finding(file, 0, "is in no room that tests/lint/layers.cc knows"));
      continue;
    }
    const std::vector<std::string_view> lines = file.Lines();
    for (size_t i = 0; i < lines.size(); ++i) {
      const std::optional<std::string_view> included = IncludedPath(lines[i]);
      if (!included.has_value()) continue;
      const std::string problem = CheckInclude(file, room, *included);
      if (!problem.empty()) findings.push_back(Finding(file, i + 1, problem));
    }
  }
  return findings;
}

std::vector<std::string> CheckCycles(const std::vector<SourceFile>& files,
                                     const std::vector<std::string>& excused) {
  std::vector<std::string> findings;
  for (const auto& [room, modules] : ModulesByRoom(files)) {
    const bool is_excused = std::find(excused.begin(), excused.end(), room) != excused.end();
    const std::string cycle = CycleFinder(modules).Find();
    if (cycle.empty() && is_excused) {
      findings.push_back(fmt::format("{} has no cycle: it needs no excuse", room));
    }
    if (!cycle.empty() && !is_excused) {
      findings.push_back(fmt::format("{} has files that include each other: {}", room, cycle));
    }
  }
  return findings;
}

}  // namespace colophon
