// Reads a segment file as it lies on disk and tells what is in it, batch by batch.
#pragma once

#include "actors/log/batch_scanner.hpp"

#include <functional>
#include <vector>

namespace chisme::cli {

/// One record; the views live as long as the call that shows it.
struct dumped_record {
  offset_t offset;
  timestamp_ms timestamp;
  const log::record_view& view;
};

struct dumped_batch {
  log::located_batch at;
  bool crc_ok = false;
  std::string problem; ///< why its records cannot be read; empty where they can or were not asked for
};

/// What a walk over a segment ends with.
struct dump_totals {
  uint64_t batches = 0;
  uint64_t records = 0;
  uint64_t bytes = 0; ///< of whole batches
  uint64_t corrupt = 0;
  std::vector<std::string> problems; ///< of the file as a whole and of its indexes

  bool clean() const { return corrupt == 0 && problems.empty(); }
};

/// Where a dump goes: people or programs read it.
class dump_sink {
public:
  virtual ~dump_sink() = default;
  virtual void file(const std::string& path) = 0;
  virtual void batch(const dumped_batch& batch) = 0;
  virtual void record(const dumped_record& record) = 0;
  virtual void end(const dump_totals& totals) = 0;
};

struct dump_options {
  bool records = false;
  bool verify_index = false;
};

/// Shows the segment whose log is at `path`. Damage is something to tell and no failure; what fails is the
/// disk.
result<dump_totals> dump_segment(log::files& disk, const std::string& path, const dump_options& options,
                                 dump_sink& sink);

} // namespace chisme::cli
