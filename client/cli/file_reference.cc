#include "client/cli/file_reference.h"

#include <algorithm>
#include <filesystem>

#include "client/cli/pull.h"
#include "client/cli/tree.h"
#include "fmt/format.h"

namespace colophon {

bool IsFile(const std::string& text) {
  std::error_code error;
  return std::filesystem::is_regular_file(text, error) || text.starts_with('/') ||
         text.starts_with('.') || text.ends_with(".prompt");
}

absl::StatusOr<std::string> ReferenceOf(const std::string& text) {
  const size_t at = std::min(text.find(".prompt@"), text.size());
  const size_t end = at == text.size() ? at : at + std::string_view(".prompt").size();
  const std::string file = text.substr(0, end);
  if (!IsFile(file)) return text;
  ASSIGN_OR_RETURN(const WorkingFolder folder, NeedWorkingFolder(file));
  ASSIGN_OR_RETURN(const std::string path, folder.PathOf(file));
  const std::string prompt = PromptOfFile(path);
  if (prompt.empty()) {
    return InvalidArgument(
        "NOT_A_PROMPT", fmt::format("\"{}\" is no prompt: its name doesn't end in .prompt, or it "
                                    "is a partial, which has no versions",
                                    file));
  }
  return fmt::format("{}/{}{}", folder.repository, prompt, text.substr(end));
}

absl::StatusOr<std::string> SecondReferenceOf(const std::string& first, const std::string& text) {
  const std::string prompt = first.substr(0, first.find('@'));
  if (text.starts_with('@')) return prompt + text;
  const bool is_number =
      text.size() > 1 && text[0] == 'v' && text.find_first_not_of("0123456789", 1) == text.npos;
  if (is_number) return prompt + "@" + text;
  return ReferenceOf(text);
}

}  // namespace colophon
