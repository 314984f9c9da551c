// A text: its normal form is UTF-8, has itself as its normal form, and is the same
// whatever white space stands around the text.

#include <cstdint>
#include <cstdlib>
#include <string>

#include "service/base/json.h"
#include "service/record/normal_form.h"

namespace colophon {
namespace {

void Require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace
}  // namespace colophon

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace colophon;
  const std::string text(reinterpret_cast<const char*>(data), size);
  const std::string normal = NormalForm(text);
  Require(IsUtf8(normal));
  Require(NormalForm(normal) == normal);
  Require(NormalForm("\r\n\t" + text + " \n") == normal);
  return 0;
}
