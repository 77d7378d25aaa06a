// The disk: the log's file interface over POSIX calls.
//
// Every error names the operation, the path and the system's reason; a full disk is said in plain words, because
// that is the one an operator can cure. Interrupted and short calls are continued. Thread-safe as the interface
// asks for.
#pragma once

#include "actors/log/files.hpp"

namespace chisme {

class posix_files final : public log::files {
public:
  result<log::file_ptr> open(const std::string& path, log::open_mode mode) override;
  result<bool> exists(const std::string& path) override;
  result<std::vector<log::dir_entry>> list(const std::string& path) override;
  result<void> make_directories(const std::string& path) override;
  result<void> remove(const std::string& path) override;
  result<void> remove_all(const std::string& path) override;
  result<void> rename(const std::string& from, const std::string& to) override;
  result<log::file_ptr> open_directory(const std::string& path) override;
  result<log::filesystem_ptr> open_filesystem(const std::string& path) override;
  result<uint64_t> free_space(const std::string& path) override;
};

} // namespace chisme
