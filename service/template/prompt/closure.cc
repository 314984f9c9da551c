#include "service/template/prompt/closure.h"

#include "fmt/format.h"
#include "service/base/hash.h"

namespace colophon::prompt {

std::string ClosureDigest(const std::vector<ClosureFile>& files) {
  std::string lines;
  for (const ClosureFile& file : files) lines += fmt::format("{}  {}\n", file.sha256, file.path);
  return Sha256Hex(lines);
}

}  // namespace colophon::prompt
