#pragma once

// An output's words without what copying does to them, so that an answer is found
// also when a mail, a chat or a formatter has passed it on.

#include <string>
#include <string_view>

namespace colophon {

// A text's normal form; empty when it is nothing but white space:
//
//   normal form = JSON when the text is an object or array of JSON, else words
//   words       = in NFC, byte order marks and white space around it removed, each
//                 run of white space within it (line ends are some) one blank
//   JSON        = without white space between tokens, members sorted by key,
//                 numbers as JavaScript writes them, strings and keys as words
//
// White space is Unicode's property White_Space. JSON with a number that no 64 bits
// hold stays text: two such numbers could become one. Letters' case, quotes and
// dashes are kept. A normal form's normal form is itself.
//
// Pure. Bytes that are not UTF-8 become U+FFFD. Linear in the text but for sorting.
std::string NormalForm(std::string_view text);

// SHA-256 of a line that names the form, then the normal form: 64 hex digits, never
// the digest of a text as it is. Empty when the normal form is.
//
// Stored with outcomes: whoever changes the form gives it another name.
std::string NormalFormDigest(std::string_view text);

}  // namespace colophon
