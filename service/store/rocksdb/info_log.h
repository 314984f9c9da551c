#pragma once

#include <memory>

#include "rocksdb/env.h"
#include "service/store/rocksdb/options.h"

namespace colophon {

// RocksDB's own messages, warnings and errors only, at most a few a minute, to the
// store's log.
//
// Without it RocksDB writes a file LOG beside the data, and Debian's build, which
// has its assertions on, aborts the process at the second failed write to it: a
// full disk would end the server without a word.
//
// Thread-safe.
std::shared_ptr<rocksdb::Logger> MakeInfoLog(StoreLog log);

}  // namespace colophon
