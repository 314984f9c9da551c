#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "service/access/keys.h"
#include "service/api/method.h"
#include "service/api/served_call.h"
#include "service/base/workers.h"

namespace colophon {

// Where the doors bring their calls.
//
// Thread-safe.
class Dispatcher {
 public:
  // `keys` null: everybody is let in and may do everything.
  Dispatcher(std::vector<Method> methods, Keys* keys, Workers* workers, CallCounters* counters)
      : methods_(std::move(methods)), keys_(keys), workers_(workers), counters_(counters) {}

  // Constant; they live as long as this.
  const std::vector<Method>& methods() const { return methods_; }
  // "colophon.v1.RegistryService.GetVersion"; null when there is none.
  const Method* Find(std::string_view full_name) const;

  Keys* keys() { return keys_; }
  Workers* workers() { return workers_; }
  CallCounters* counters() { return counters_; }

  // Serves a call to its end: finds who calls, parses what came, asks whether the caller
  // may do that, runs the method. What
  // a library throws meanwhile ends this call and no other. A large message is parsed
  // on a worker, so that no door's thread is held by one.
  void Serve(const std::shared_ptr<ServedCall>& call);

 private:
  const std::vector<Method> methods_;
  Keys* const keys_;
  Workers* const workers_;
  CallCounters* const counters_;
};

}  // namespace colophon
