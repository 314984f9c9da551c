#pragma once

#include <string>

#include "gtest/gtest.h"
#include "tests/testing/matchers.h"
#include "tests/testing/temp_dir.h"

namespace colophon {

// An authority, ca.pem, and certificates of it for 127.0.0.1, IP.pem, and for
// another name, DNS.pem, each with its key.
class Certificates {
 public:
  Certificates() {
    const ShellResult made =
        Shell("cd '" + dir_.path() +
              "' && set -e\n"
              "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2"
              " -subj '/CN=Test authority' -keyout ca.key -out ca.pem\n"
              "for name in IP:127.0.0.1 DNS:elsewhere.example; do\n"
              "  file=${name%%:*}\n"
              "  openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes"
              " -subj /CN=model -keyout $file.key -out $file.csr\n"
              "  echo subjectAltName=$name > $file.ext\n"
              "  openssl x509 -req -in $file.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2"
              " -extfile $file.ext -out $file.pem\n"
              "done");
    EXPECT_EQ(made.exit_code, 0) << made.output;
  }

  // NAME.pem and NAME.key, of the authority: "/CN=app", "subjectAltName=DNS:app.example".
  // `more`: of openssl x509.
  void Make(const std::string& name, const std::string& subject, const std::string& extension,
            const std::string& more = "-days 2") const {
    const ShellResult made =
        Shell("cd '" + dir_.path() +
              "' && set -e\n"
              "openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj '" +
              subject + "' -keyout " + name + ".key -out " + name + ".csr\necho '" + extension +
              "' > " + name + ".ext\nopenssl x509 -req -in " + name +
              ".csr -CA ca.pem -CAkey ca.key -CAcreateserial " + more + " -extfile " + name +
              ".ext -out " + name + ".pem");
    EXPECT_EQ(made.exit_code, 0) << made.output;
  }

  // "ca.pem"
  std::string file(const std::string& name) const { return dir_ / name; }

 private:
  TempDir dir_;
};

}  // namespace colophon
