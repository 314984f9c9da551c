#pragma once

#include <map>
#include <memory>
#include <string>

#include "service/store/store.h"
#include "tests/store/memory_rows.h"

namespace colophon {

// Where memory stores are when they aren't open: what a disk is to others. Outlives
// them.
//
// Thread-compatible: only one store of it is open at a time, and its backups.
struct MemoryDisk {
  std::map<std::string, std::shared_ptr<MemoryRows>> stores;  // By directory.
};

// A store without a database: it shows that Store is an interface and not RocksDB's shadow,
// and tells what any query must answer, for it looks through everything.
std::unique_ptr<Store> OpenMemoryStore(MemoryDisk* disk, const std::string& directory,
                                       RecordTerms terms = {});

}  // namespace colophon
