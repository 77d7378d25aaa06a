// The two ways of showing a dump: lines for people, JSON lines for programs.
#pragma once

#include "nodes/cli/segment_dump.hpp"

#include <iosfwd>

namespace chisme::cli {

/// One line a batch, one indented line a record; bytes that are no printable text as \xNN, long values cut.
class text_dump final : public dump_sink {
public:
  explicit text_dump(std::ostream& out) : out_(out) {}
  void file(const std::string& path) override;
  void batch(const dumped_batch& batch) override;
  void record(const dumped_record& record) override;
  void end(const dump_totals& totals) override;

private:
  std::ostream& out_;
};

/// One JSON object a line, each with a "type": file, batch, record, end. Keys and values are whole: text
/// where they are UTF-8, else {"hex": "00ff"}.
class json_dump final : public dump_sink {
public:
  explicit json_dump(std::ostream& out) : out_(out) {}
  void file(const std::string& path) override;
  void batch(const dumped_batch& batch) override;
  void record(const dumped_record& record) override;
  void end(const dump_totals& totals) override;

private:
  std::ostream& out_;
};

} // namespace chisme::cli
