#pragma once

// The text whose digest says what was sent.
//
// NOTE: this is a persistent format. Its grammar:
//
//   rendered = { "config": object, "messages": [message…], "model": text,
//                "outputFormat": text, "outputSchema": text, "outputStrict": true,
//                "tools": [tool…] }
//   message  = { "parts": [part…], "role": "system" | "user" | "model" | "tool" }
//   part     = { "text": text }
//            | { "media": { "contentType": text, "data": base64, "detail": text,
//                         "filename": text, "url": text } }
//            | { "toolRequest": { "arguments": text, "id": text, "name": text } }
//            | { "toolResponse": { "id": text, "isError": true, "name": text, "output": text } }
//            | { "reasoning": { "signature": text, "text": text } }
//            | { "section": text }
//   tool     = { "description": text, "inputSchema": text, "name": text, "strict": true }
//
// It is JSON without spaces, written by WriteCanonicalJson: members sorted by
// key, numbers as JavaScript prints them. Fields that are empty are left out,
// save the one that tells a part's kind. Schemas are texts, so that not a byte
// of them is rewritten. Whether a message came from the history is left out:
// the model isn't told.

#include <string>

#include "colophon/v1/completion.pb.h"

namespace colophon::render {

// What `Intent.rendered_digest` is the SHA-256 of, and no more than that.
std::string CanonicalRendered(const v1::Rendered& rendered);
std::string RenderedDigest(const v1::Rendered& rendered);

}  // namespace colophon::render
