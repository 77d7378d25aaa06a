// A file that passes everything on to another one: what differs is overridden.
#pragma once

#include "actors/log/files.hpp"

namespace chisme::test {

class passing_file : public log::file {
public:
  explicit passing_file(log::file_ptr of) : of_(std::move(of)) {}

  result<size_t> read_at(uint64_t position, std::span<std::byte> into) override { return of_->read_at(position, into); }
  result<std::optional<size_t>> read_from_memory(uint64_t position, std::span<std::byte> into) override {
    return of_->read_from_memory(position, into);
  }
  bool is_in_memory(uint64_t position, uint64_t length) override { return of_->is_in_memory(position, length); }
  result<void> write_at(uint64_t position, std::span<const bytes_view> parts) override {
    return of_->write_at(position, parts);
  }
  result<void> sync() override { return of_->sync(); }
  result<void> truncate(uint64_t size) override { return of_->truncate(size); }
  result<uint64_t> size() override { return of_->size(); }
  std::optional<int64_t> change_stamp() override { return of_->change_stamp(); }
  std::optional<timestamp_ms> modified_at() override { return of_->modified_at(); }
  int native_handle() const override { return of_->native_handle(); }
  const std::string& path() const override { return of_->path(); }

protected:
  log::file_ptr of_;
};

} // namespace chisme::test
