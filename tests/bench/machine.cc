#include "tests/bench/machine.h"

#include <linux/magic.h>
#include <sys/utsname.h>
#include <sys/vfs.h>

#include <cstdlib>
#include <fstream>
#include <thread>

#include "fmt/format.h"
#include "tests/bench/raw_file.h"
#include "tests/bench/table.h"

namespace colophon::bench {
namespace {

std::string CpuModel() {
  std::ifstream lines("/proc/cpuinfo");
  for (std::string line; std::getline(lines, line);) {
    const size_t colon = line.find(": ");
    if (line.rfind("model name", 0) == 0 && colon != std::string::npos) {
      return line.substr(colon + 2);
    }
  }
  return "unknown CPU";
}

}  // namespace

Machine LookAtMachine(const std::string& folder) {
  Machine machine;
  machine.cores = static_cast<int>(std::thread::hardware_concurrency());
  machine.cpu = CpuModel();
  utsname names{};
  if (uname(&names) == 0) machine.kernel = names.release;
#ifdef __OPTIMIZE__
  machine.build = "optimized";
#else
  machine.build = "NOT OPTIMIZED: these figures say nothing";
#endif
  double loads[1] = {0};
  if (getloadavg(loads, 1) == 1) machine.load = loads[0];
  const auto appended = AppendAndSync(folder + "/append", 1024, absl::Seconds(1));
  if (appended.ok()) machine.syncs_per_second = appended->per_second;
  return machine;
}

std::string Machine::Format() const {
  return fmt::format(
      "{} cores of {}, Linux {}, load {} before the start, build {}\n"
      "disk: {} appends of 1 KiB with fdatasync a second\n",
      cores, cpu, kernel, FormatNumber3(load), build, FormatNumber3(syncs_per_second));
}

json::object Machine::ToJson() const {
  return {{"cores", cores},
          {"cpu", json::string(cpu.data(), cpu.size())},
          {"kernel", json::string(kernel.data(), kernel.size())},
          {"build", json::string(build.data(), build.size())},
          {"load", load},
          {"syncs_per_second", syncs_per_second}};
}

bool IsInMemory(const std::string& folder) {
  struct statfs info {};
  return statfs(folder.c_str(), &info) == 0 &&
         (info.f_type == TMPFS_MAGIC || info.f_type == RAMFS_MAGIC);
}

}  // namespace colophon::bench
