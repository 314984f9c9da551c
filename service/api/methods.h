#pragma once

#include <vector>

#include "service/api/method.h"
#include "service/base/workers.h"

namespace colophon {

class Admin;
class Completer;
class Keys;
class Records;
class Registry;
class Watchers;

// What the methods are made of. All of it outlives the table.
struct Core {
  Registry* registry;
  Completer* completer;
  Records* records;
  Admin* admin;
  Watchers* watchers;
  Keys* keys;
  Workers* workers;
};

// WHAT A CALLER CAN DO: the table of all methods, in the order of the .proto files.
std::vector<Method> MakeMethods(const Core& core);

}  // namespace colophon
