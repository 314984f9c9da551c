#include "client/cli/shell_scripts.h"

#include <map>

namespace colophon {
namespace {

constexpr char kBash[] = R"(# bash completion for colophon

_colophon() {
  local line=${COMP_LINE:0:COMP_POINT} words=() word i
  # Bash splits words at = and : too: what no blank stands before goes on with the
  # word before it.
  for ((i = 0; i <= COMP_CWORD; i++)); do
    word=${COMP_WORDS[i]}
    if [[ $i -gt 0 && -n $word && $line != [[:space:]]* ]]; then
      words[${#words[@]} - 1]+=$word
    else
      words+=("$word")
    fi
    line=${line#"${line%%[![:space:]]*}"}
    line=${line#"$word"}
  done

  local typed=${words[${#words[@]} - 1]} told
  local before=${typed%"$2"} # Of the word, but not replaced by a candidate.
  COMPREPLY=()
  while IFS=$'\t' read -r told _; do
    if [[ $told == :files ]]; then
      compopt -o default
    else
      COMPREPLY+=("${told#"$before"}")
    fi
  done < <("$1" __candidates "${words[@]:1}" 2>/dev/null)
}

complete -F _colophon colophon
)";

constexpr char kZsh[] = R"(#compdef colophon

_colophon() {
  local -a told
  local line word meaning
  for line in "${(@f)$("$words[1]" __candidates "${(@Q)words[2,CURRENT]}" 2>/dev/null)}"; do
    if [[ $line == :files ]]; then
      [[ $PREFIX == --*=* ]] && compset -P '*='
      _files
      return
    fi
    word=${line%%$'\t'*} meaning=${line#*$'\t'}
    [[ -n $word ]] && told+=("${word//:/\\:}${meaning:+:$meaning}")
  done
  _describe -V colophon told
}

# Autoloaded it is called at once; read by `source` it makes itself known.
if [[ $funcstack[1] == _colophon ]]; then
  _colophon "$@"
else
  compdef _colophon colophon
fi
)";

constexpr char kFish[] = R"(# fish completion for colophon

function __colophon_candidates
    set -l words (commandline -opc)
    set -l typed (commandline -ct)
    for told in ($words[1] __candidates $words[2..-1] "$typed" 2>/dev/null)
        if test "$told" = :files
            set -l option (string match -r '^--[^=]*=' -- "$typed")
            for path in (__fish_complete_path (string replace -r '^--[^=]*=' '' -- "$typed"))
                echo "$option$path"
            end
        else
            echo $told
        end
    end
end

complete -c colophon -f -k -a '(__colophon_candidates)'
)";

const std::map<std::string_view, std::string_view>& Scripts() {
  static const std::map<std::string_view, std::string_view> scripts = {
      {"bash", kBash}, {"zsh", kZsh}, {"fish", kFish}};
  return scripts;
}

}  // namespace

std::vector<std::string> Shells() {
  std::vector<std::string> shells;
  for (const auto& [shell, script] : Scripts()) shells.emplace_back(shell);
  return shells;
}

std::string_view CompletionScript(std::string_view shell) { return Scripts().at(shell); }

}  // namespace colophon
