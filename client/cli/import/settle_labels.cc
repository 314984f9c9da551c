#include "client/cli/import/settle_labels.h"

#include <map>
#include <string>
#include <vector>

#include "fmt/format.h"
#include "service/template/syntax/diagnostics.h"

namespace colophon {

void SettleLabels(
    ImportedPrompt* prompt,
    const std::function<bool(const ImportedVersion& one, const ImportedVersion& than)>& is_newer,
    ImportCollector* collector) {
  std::map<std::string, ImportedVersion*> holders;
  for (ImportedVersion& version : prompt->versions) {
    for (const std::string& label : version.labels) {
      const auto [holder, is_first] = holders.emplace(label, &version);
      if (is_first) continue;
      if (!is_newer(*holder->second, version)) holder->second = &version;
    }
  }
  for (ImportedVersion& version : prompt->versions) {
    std::vector<std::string> kept;
    for (const std::string& label : version.labels) {
      const ImportedVersion& holder = *holders.at(label);
      if (&holder == &version) {
        kept.push_back(label);
      } else {
        collector->NotCarriedOver(prompt->source, version.source, "labels",
                                  fmt::format("{} is on version {} too, and a label is on one: "
                                              "it goes there",
                                              Quote(label), holder.source));
      }
    }
    version.labels = std::move(kept);
  }
}

}  // namespace colophon
