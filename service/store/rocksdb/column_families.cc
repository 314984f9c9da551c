#include "service/store/rocksdb/column_families.h"

#include "rocksdb/filter_policy.h"
#include "rocksdb/slice_transform.h"
#include "rocksdb/table.h"

namespace colophon {
namespace {

constexpr uint64_t kMinBlobBytes = 4096;
constexpr uint32_t kDictionaryBytes = 64 << 10;
constexpr uint32_t kDictionaryTrainBytes = 100 * kDictionaryBytes;
// Of a file's blocks, what is held in memory to train its dictionary.
constexpr uint64_t kDictionaryBufferBytes = 16 << 20;

rocksdb::BlockBasedTableOptions TableOptions(const std::shared_ptr<rocksdb::Cache>& cache) {
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = cache;
  table.block_size = 16 << 10;
  table.format_version = 5;
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  table.whole_key_filtering = true;
  // Within the cache's budget, but not thrown out by a scan.
  table.cache_index_and_filter_blocks = true;
  table.cache_index_and_filter_blocks_with_high_priority = true;
  table.pin_l0_filter_and_index_blocks_in_cache = true;
  return table;
}

void KeepLargeValuesInBlobs(rocksdb::ColumnFamilyOptions* options) {
  options->enable_blob_files = true;
  options->min_blob_size = kMinBlobBytes;
  options->blob_compression_type = rocksdb::kZSTD;
  options->enable_blob_garbage_collection = true;
}

void UseDictionary(rocksdb::ColumnFamilyOptions* options) {
  rocksdb::CompressionOptions& compression = options->bottommost_compression_opts;
  compression.enabled = true;
  compression.max_dict_bytes = kDictionaryBytes;
  compression.zstd_max_train_bytes = kDictionaryTrainBytes;
  compression.max_dict_buffer_bytes = kDictionaryBufferBytes;
}

// Records' keys, and an index's of one kind, mostly grow: the search for a key's
// place begins at the last one of its kind.
void ExpectGrowingKeys(rocksdb::ColumnFamilyOptions* options) {
  options->memtable_insert_with_hint_prefix_extractor.reset(rocksdb::NewFixedPrefixTransform(1));
}

}  // namespace

std::string_view FamilyName(Family family) {
  switch (family) {
    case Family::kMeta:
      return "default";
    case Family::kRegistry:
      return "registry";
    case Family::kObjects:
      return "objects";
    case Family::kRecords:
      return "records";
    case Family::kIndex:
      return "index";
    case Family::kMedia:
      return "media";
    case Family::kLog:
      return "log";
    case Family::kSegments:
      return "segments";
  }
  return "";
}

rocksdb::ColumnFamilyOptions FamilyOptions(Family family,
                                           const std::shared_ptr<rocksdb::Cache>& cache) {
  rocksdb::ColumnFamilyOptions options;
  options.compression = rocksdb::kLZ4Compression;
  options.bottommost_compression = rocksdb::kZSTD;
  options.level_compaction_dynamic_level_bytes = true;
  // Each start after a crash leaves a small file in level 0. A server that keeps
  // dying before they are merged would find the usual 36 after as many starts,
  // and its next one would wait for the merge before it can serve.
  options.level0_slowdown_writes_trigger = 64;
  options.level0_stop_writes_trigger = 512;
  rocksdb::BlockBasedTableOptions table = TableOptions(cache);
  switch (family) {
    case Family::kMeta:
      // The counts of records come again in each batch.
      options.write_buffer_size = 16 << 20;
      break;
    case Family::kRegistry:
    case Family::kLog:
    case Family::kSegments:
      options.write_buffer_size = 16 << 20;
      break;
    case Family::kObjects:
    case Family::kMedia:
      options.write_buffer_size = 32 << 20;
      KeepLargeValuesInBlobs(&options);
      break;
    case Family::kRecords:
      options.write_buffer_size = 64 << 20;
      KeepLargeValuesInBlobs(&options);
      UseDictionary(&options);
      ExpectGrowingKeys(&options);
      break;
    case Family::kIndex:
      // Many small entries a record: more room, so that they don't stall.
      options.write_buffer_size = 64 << 20;
      options.max_write_buffer_number = 4;
      options.prefix_extractor.reset(rocksdb::NewFixedPrefixTransform(kIndexBloomPrefix));
      // Entries are scanned by prefix and never fetched one by one but by
      // Verify.
      table.whole_key_filtering = false;
      ExpectGrowingKeys(&options);
      break;
  }
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return options;
}

}  // namespace colophon
