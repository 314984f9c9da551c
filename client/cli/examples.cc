#include "client/cli/examples.h"

#include <map>

namespace colophon {

std::vector<std::string> ExamplesOf(const std::string& command) {
  static const std::map<std::string, std::vector<std::string>> kExamples = {
      {"init", {"colophon init acme", "colophon init acme prompts"}},
      {"pull", {"colophon pull", "colophon pull ~/prompts"}},
      {"status", {"colophon status"}},
      {"export", {"colophon export acme acme-now", "colophon export acme acme-before --at 12"}},
      {"info", {"colophon info", "colophon info --server prompts.example.com:50051"}},
      {"verify-store", {"colophon verify-store"}},
      {"backup", {"colophon backup", "colophon backup before-upgrade --timeout 1h"}},
      {"check", {"colophon check", "colophon check prompts/support/triage.prompt --strict"}},
      {"publish",
       {"colophon publish -m 'Ask for the order number'",
        "colophon publish prompts -r acme -m 'Shorter' --label staging",
        "colophon publish --draft shorter --dry-run"}},
      {"archive", {"colophon archive acme/support/triage -m 'Replaced by acme/support/sort'"}},
      {"rm",
       {"colophon rm support/triage.prompt -m 'Replaced'",
        "colophon rm support/old -r acme -m 'Unused' --dry-run"}},
      {"drafts", {"colophon drafts", "colophon drafts shorter", "colophon drafts shorter --drop"}},
      {"import",
       {"colophon import export.json --to prompts",
        "colophon import export.json -r acme --from langfuse --dry-run"}},
      {"list", {"colophon list", "colophon list acme/support"}},
      {"uses", {"colophon uses acme/support/_tone"}},
      {"show",
       {"colophon show acme/support/triage", "colophon show acme/support/triage@v12 --raw",
        "colophon show acme/support/triage@production --at 7d"}},
      {"versions", {"colophon versions acme/support/triage -n 10"}},
      {"diff",
       {"colophon diff acme/support/triage@v11 v12 --words",
        "colophon diff prompts/support/triage.prompt"}},
      {"label",
       {"colophon label acme/support/triage@production v12 -m 'Fewer refunds'",
        "colophon label acme/support/triage@production v12=90 v13=10",
        "colophon label acme/support/triage@production --back"}},
      {"render",
       {"colophon render acme/support/triage --var message='Where is my parcel?'",
        "colophon render prompts/support/triage.prompt --data data.json"}},
      {"complete",
       {"colophon complete acme/support/triage --var message='Hello' --stream",
        "colophon complete prompts/support/triage.prompt --data data.json"}},
      {"records",
       {"colophon records acme --failed --caller shop --since 1d",
        "colophon records acme/support/triage@v5 --label production --outputs",
        "colophon records acme/support/triage 'output : \"refund\" version != 12'",
        "colophon records 'tags.env = prod AND variables.language = ko'"}},
      {"stats",
       {"colophon stats acme/support/triage --since 7d",
        "colophon stats acme --by model 'latency > 2s'",
        "colophon stats acme/support/triage --by day --label production"}},
      {"record",
       {"colophon record 0199a7c2-5b1e-7d3f-8a64-2f9c0e1b7d55 --rendered",
        "colophon record 0199a7c2-5b1e-7d3f-8a64-2f9c0e1b7d55 --request"}},
      {"find",
       {"colophon find answer.txt", "colophon find --text 'Your parcel left our house on Monday'",
        "xclip -o | colophon find -"}},
      {"history", {"colophon history acme -n 20", "colophon history acme --change 12"}},
      {"watch", {"colophon watch acme", "colophon watch acme --from 1 --json"}},
      {"errors", {"colophon errors", "colophon errors STALE_BASE"}},
      {"help", {"colophon help publish"}},
      {"version", {"colophon version"}},
      {"man", {"colophon man | man -l -"}},
  };
  const auto found = kExamples.find(command);
  return found == kExamples.end() ? std::vector<std::string>() : found->second;
}

}  // namespace colophon
