// Its macros have names of ours and of the standard library's.
#define NCURSES_NOMACROS 1
#define NCURSES_WIDECHAR 1
#include "client/cli/read/screen.h"

#include <langinfo.h>

#include <climits>
#include <clocale>
#include <cstdlib>
#include <cwchar>
#include <string_view>

#include "ncurses.h"

namespace colophon {
namespace {

// A program that is run over SSH often has no locale: what is shown is UTF-8 all the same.
void UseUtf8() {
  std::setlocale(LC_CTYPE, "");
  if (std::string_view(nl_langinfo(CODESET)) != "UTF-8") std::setlocale(LC_CTYPE, "C.UTF-8");
}

enum Pair : short { kCyan = 1, kGreen, kRed };

attr_t AttributesOf(Face face, bool color) {
  const auto colored = [color](Pair pair) { return color ? COLOR_PAIR(pair) : A_NORMAL; };
  switch (face) {
    case Face::kPlain:
      return A_NORMAL;
    case Face::kBold:
      return A_BOLD;
    case Face::kDim:
      return A_DIM;
    case Face::kHeading:
      return A_BOLD | colored(kCyan);
    case Face::kVariable:
      return A_UNDERLINE | colored(kCyan);
    case Face::kFound:
      return A_REVERSE;
    case Face::kGood:
      return A_BOLD | colored(kGreen);
    case Face::kBad:
      return A_BOLD | colored(kRed);
  }
  return A_NORMAL;
}

Key::Kind KindOf(wint_t code) {
  switch (code) {
    case KEY_LEFT:
      return Key::Kind::kLeft;
    case KEY_RIGHT:
      return Key::Kind::kRight;
    case KEY_UP:
      return Key::Kind::kUp;
    case KEY_DOWN:
      return Key::Kind::kDown;
    case KEY_PPAGE:
      return Key::Kind::kPageUp;
    case KEY_NPAGE:
      return Key::Kind::kPageDown;
    case KEY_HOME:
      return Key::Kind::kHome;
    case KEY_END:
      return Key::Kind::kEnd;
    case KEY_ENTER:
      return Key::Kind::kEnter;
    case KEY_BACKSPACE:
      return Key::Kind::kBackspace;
    case KEY_RESIZE:
      return Key::Kind::kResize;
    default:
      return Key::Kind::kOther;
  }
}

Key TypedKey(wint_t character) {
  switch (character) {
    case L'\r':
    case L'\n':
      return {Key::Kind::kEnter, ""};
    case 0x1b:
      return {Key::Kind::kEscape, ""};
    case 0x08:
    case 0x7f:
      return {Key::Kind::kBackspace, ""};
    case 0x15:
      return {Key::Kind::kClearLine, ""};
    default:
      break;
  }
  if (character < 0x20) return {Key::Kind::kOther, ""};
  char bytes[MB_LEN_MAX + 1] = "";
  std::mbstate_t state = {};
  const size_t size = std::wcrtomb(bytes, static_cast<wchar_t>(character), &state);
  if (size == static_cast<size_t>(-1)) return {Key::Kind::kOther, ""};
  return {Key::Kind::kText, std::string(bytes, size)};
}

}  // namespace

absl::StatusOr<std::unique_ptr<Screen>> Screen::Open(bool color) {
  UseUtf8();
  // Which else asks for terminals that ncurses doesn't know by ending the program.
  SCREEN* const screen = newterm(nullptr, stdout, stdin);
  if (screen == nullptr) {
    const char* const name = std::getenv("TERM");
    return FailedPrecondition("NO_TERMINAL",
                              std::string("the terminal is of no kind that is known here: TERM is "
                                          "\"") +
                                  (name == nullptr ? "" : name) + "\"; set it to xterm");
  }
  set_term(screen);
  return std::unique_ptr<Screen>(new Screen(color && has_colors()));
}

Screen::Screen(bool color) : color_(color) {
  cbreak();
  noecho();
  nonl();
  keypad(stdscr, true);
  set_escdelay(50);
  if (!color_) return;
  start_color();
  use_default_colors();
  init_pair(kCyan, COLOR_CYAN, -1);
  init_pair(kGreen, COLOR_GREEN, -1);
  init_pair(kRed, COLOR_RED, -1);
}

Screen::~Screen() { endwin(); }

int Screen::rows() const { return getmaxy(stdscr); }
int Screen::columns() const { return getmaxx(stdscr); }

void Screen::Show(const std::vector<Line>& lines, bool has_cursor) {
  werase(stdscr);
  for (int row = 0; row < rows() && row < static_cast<int>(lines.size()); ++row) {
    wmove(stdscr, row, 0);
    for (const Piece& piece : lines[static_cast<size_t>(row)]) {
      wattrset(stdscr, static_cast<int>(AttributesOf(piece.face, color_)));
      waddnstr(stdscr, piece.text.data(), static_cast<int>(piece.text.size()));
    }
  }
  wattrset(stdscr, A_NORMAL);
  curs_set(has_cursor ? 1 : 0);
  wrefresh(stdscr);
}

Key Screen::ReadKey() {
  wint_t character = 0;
  const int read = wget_wch(stdscr, &character);
  if (read == KEY_CODE_YES) return {KindOf(character), ""};
  return read == OK ? TypedKey(character) : Key{};
}

bool Screen::KeyWaits() {
  nodelay(stdscr, true);
  wint_t character = 0;
  const int read = wget_wch(stdscr, &character);
  nodelay(stdscr, false);
  if (read == ERR) return false;
  if (read == KEY_CODE_YES) {
    ungetch(static_cast<int>(character));
  } else {
    unget_wch(static_cast<wchar_t>(character));
  }
  return true;
}

}  // namespace colophon
