// A text: its normal form is UTF-8, has itself as its normal form, and is the same
// whatever white space stands around the text.

#include <cstdint>
#include <string>

#include "service/base/json.h"
#include "service/record/normal_form.h"
#include "tests/fuzz/require.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace colophon;
  const std::string text(reinterpret_cast<const char*>(data), size);
  const std::string normal = NormalForm(text);
  Require(IsUtf8(normal));
  Require(NormalForm(normal) == normal);
  Require(NormalForm("\r\n\t" + text + " \n") == normal);
  return 0;
}
