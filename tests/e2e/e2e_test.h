#pragma once

#include <memory>
#include <string>
#include <vector>

#include "client/cpp/client.h"
#include "gtest/gtest.h"
#include "tests/testing/server_process.h"
#include "tests/testing/temp_dir.h"

namespace colophon {

// The real programs, as they are installed, on a store of their own.
class E2eTest : public testing::Test {
 protected:
  E2eTest();

  // Starts colophond on data(), with this text as its configuration.
  void Serve(const std::string& config = "");
  // SIGTERM, and expects that it ends in good order.
  void StopServing();

  ServerProcess& server() { return *server_; }
  const ServerProcess& server() const { return *server_; }
  // Of the server that runs now.
  Client client() const;

  // Creates "acme" with the prompt "acme/support/greet", whose output by the
  // echo provider is the variable `text`, and labels it "production".
  void PublishGreet();
  // The record's id and the output of one call of it.
  v1::CompleteResponse CallGreet(const std::string& text);

  std::string data() const { return dir_ / "data"; }
  const TempDir& dir() const { return dir_; }

 private:
  TempDir dir_;
  std::unique_ptr<ServerProcess> server_;
};

// A publish of one file, with a description.
v1::PublishRequest PublishOf(const std::string& path, const std::string& content);

// "acme/support/greet"
v1::CompleteRequest CallOf(const std::string& name, const std::string& text);

std::string TextOf(const v1::Completion& completion);

// The repository's own folder, for files that it ships.
std::string SourceFolder();

}  // namespace colophon
