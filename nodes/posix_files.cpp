#include "nodes/posix_files.hpp"

#include "nodes/page_cache.hpp"
#include "nodes/syncfs_trust.hpp"
#include "nodes/system_calls.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstring>
#include <dirent.h>
#include <fcntl.h>
#include <filesystem>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/uio.h>
#include <sys/utsname.h>
#include <sys/vfs.h>
#include <system_error>
#include <unistd.h>

namespace chisme {

namespace {

std::string describe(int system_error) {
  if (system_error == ENOSPC)
    return "the disk is full (No space left on device); free some space or lower the topics' retention";
  if (system_error == EDQUOT)
    return "the disk quota is used up (Disk quota exceeded)";
  return std::generic_category().message(system_error);
}

tl::unexpected<error> failed(const char* operation, const std::string& path, int system_error = errno) {
  return fail(error_code::kafka_storage_error, std::string{operation} + " " + path + ": " + describe(system_error));
}

class posix_file : public log::file {
public:
  posix_file(int fd, std::string path) : fd_(fd), path_(std::move(path)) {}

  result<size_t> read_at(uint64_t position, std::span<std::byte> into) override {
    size_t done = 0;
    while (done < into.size()) {
      const auto n = uninterrupted([&] {
        return ::pread(fd_.get(), into.data() + done, into.size() - done, static_cast<off_t>(position + done));
      });
      if (n < 0)
        return failed("read", path_);
      if (n == 0)
        break;
      done += static_cast<size_t>(n);
    }
    return done;
  }

  result<std::optional<size_t>> read_from_memory(uint64_t position, std::span<std::byte> into) override {
    const auto n = read_cached(fd_.get(), position, into);
    if (!n && n.error() == EAGAIN)
      return std::nullopt;
    // Whatever else it does not like, a read that may wait says what is wrong.
    if (!n)
      return log::file::read_from_memory(position, into);
    // Linux 5.9 and 5.10 may say that the file ends where it is not in memory (BUGS of preadv2).
    if (*n < into.size()) {
      const auto end = size();
      if (!end)
        return tl::make_unexpected(end.error());
      if (position + *n < *end)
        return std::nullopt;
    }
    return std::optional{*n};
  }

  bool is_in_memory(uint64_t position, uint64_t length) override { return is_cached(fd_.get(), position, length); }

  result<void> write_at(uint64_t position, std::span<const bytes_view> parts) override {
    std::array<iovec, IOV_MAX> vectors;
    size_t skip = 0; // bytes of parts.front() that are written already
    while (!parts.empty()) {
      const auto count = std::min(parts.size(), vectors.size());
      for (size_t i = 0; i < count; ++i)
        vectors[i] = {const_cast<std::byte*>(parts[i].data()), parts[i].size()};
      vectors[0].iov_base = static_cast<std::byte*>(vectors[0].iov_base) + skip;
      vectors[0].iov_len -= skip;
      const auto n = uninterrupted(
        [&] { return ::pwritev(fd_.get(), vectors.data(), static_cast<int>(count), static_cast<off_t>(position)); });
      if (n < 0)
        return failed("write", path_);
      position += static_cast<uint64_t>(n);
      skip += static_cast<size_t>(n);
      while (!parts.empty() && skip >= parts.front().size()) {
        skip -= parts.front().size();
        parts = parts.subspan(1);
      }
    }
    return {};
  }

  result<void> sync() override {
    if (uninterrupted([&] { return ::fdatasync(fd_.get()); }) != 0)
      return failed("sync", path_);
    return {};
  }

  result<void> truncate(uint64_t size) override {
    if (uninterrupted([&] { return ::ftruncate(fd_.get(), static_cast<off_t>(size)); }) != 0)
      return failed("truncate", path_);
    return {};
  }

  result<uint64_t> size() override {
    struct stat s;
    if (::fstat(fd_.get(), &s) != 0)
      return failed("stat", path_);
    return static_cast<uint64_t>(s.st_size);
  }

  std::optional<int64_t> change_stamp() override {
    struct stat s;
    if (::fstat(fd_.get(), &s) != 0)
      return std::nullopt;
    return static_cast<int64_t>(s.st_mtim.tv_sec) * 1'000'000'000 + s.st_mtim.tv_nsec;
  }

  std::optional<timestamp_ms> modified_at() override {
    struct stat s;
    if (::fstat(fd_.get(), &s) != 0)
      return std::nullopt;
    return static_cast<timestamp_ms>(s.st_mtim.tv_sec) * 1000 + s.st_mtim.tv_nsec / 1'000'000;
  }

  int native_handle() const override { return fd_.get(); }
  const std::string& path() const override { return path_; }

private:
  descriptor fd_;
  std::string path_;
};

/// fdatasync() of a folder may leave out the names.
class posix_directory final : public posix_file {
public:
  using posix_file::posix_file;

  result<void> sync() override {
    if (uninterrupted([&] { return ::fsync(native_handle()); }) != 0)
      return failed("sync", path());
    return {};
  }
};

/// Opened before the writes that it syncs: the system then tells this descriptor of what failed, whoever else has been
/// told meanwhile.
class posix_filesystem final : public log::filesystem {
public:
  posix_filesystem(int fd, std::string path) : fd_(fd), path_(std::move(path)) {}

  result<void> sync() override {
    if (uninterrupted([&] { return ::syncfs(fd_.get()); }) != 0)
      return failed("sync the file system of", path_);
    return {};
  }

private:
  descriptor fd_;
  std::string path_;
};

int flags_of(log::open_mode mode) {
  switch (mode) {
    case log::open_mode::read:
      return O_RDONLY;
    case log::open_mode::read_write:
      return O_RDWR;
    case log::open_mode::create:
      return O_RDWR | O_CREAT;
    case log::open_mode::create_new:
      return O_RDWR | O_CREAT | O_TRUNC;
  }
  return O_RDONLY;
}

constexpr mode_t file_permissions = 0644;

struct directory_closer {
  void operator()(DIR* d) const { ::closedir(d); }
};

} // namespace

result<log::file_ptr> posix_files::open(const std::string& path, log::open_mode mode) {
  const auto fd = uninterrupted([&] { return ::open(path.c_str(), flags_of(mode) | O_CLOEXEC, file_permissions); });
  if (fd < 0)
    return failed("open", path);
  return std::make_shared<posix_file>(fd, path);
}

result<bool> posix_files::exists(const std::string& path) {
  struct stat s;
  if (::stat(path.c_str(), &s) == 0)
    return true;
  if (errno == ENOENT || errno == ENOTDIR)
    return false;
  return failed("stat", path);
}

result<std::vector<log::dir_entry>> posix_files::list(const std::string& path) {
  std::unique_ptr<DIR, directory_closer> dir{::opendir(path.c_str())};
  if (!dir)
    return failed("list", path);
  std::vector<log::dir_entry> entries;
  for (;;) {
    errno = 0;
    const auto* e = ::readdir(dir.get());
    if (!e) {
      if (errno != 0)
        return failed("list", path);
      return entries;
    }
    const std::string_view name = e->d_name;
    if (name == "." || name == "..")
      continue;
    struct stat s;
    if (::fstatat(::dirfd(dir.get()), e->d_name, &s, 0) != 0)
      continue; // gone since
    entries.push_back({std::string{name}, S_ISDIR(s.st_mode), static_cast<uint64_t>(s.st_size)});
  }
}

result<void> posix_files::make_directories(const std::string& path) {
  std::error_code ec;
  std::filesystem::create_directories(path, ec);
  if (ec)
    return failed("make folder", path, ec.value());
  return {};
}

result<void> posix_files::remove(const std::string& path) {
  if (::unlink(path.c_str()) != 0)
    return failed("remove", path);
  return {};
}

result<void> posix_files::remove_all(const std::string& path) {
  std::error_code ec;
  std::filesystem::remove_all(path, ec);
  if (ec)
    return failed("remove folder", path, ec.value());
  return {};
}

result<void> posix_files::rename(const std::string& from, const std::string& to) {
  if (::rename(from.c_str(), to.c_str()) != 0)
    return failed("rename", from + " to " + to);
  return {};
}

result<log::file_ptr> posix_files::open_directory(const std::string& path) {
  const auto fd = uninterrupted([&] { return ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); });
  if (fd < 0)
    return failed("open", path);
  return std::make_shared<posix_directory>(fd, path);
}

result<log::filesystem_ptr> posix_files::open_filesystem(const std::string& path) {
  const auto fd = uninterrupted([&] { return ::open(path.c_str(), O_RDONLY | O_CLOEXEC); });
  if (fd < 0)
    return failed("open", path);
  auto whole = std::make_shared<posix_filesystem>(fd, path);
  struct utsname system;
  struct statfs s;
  if (::uname(&system) != 0 || uninterrupted([&] { return ::fstatfs(fd, &s); }) != 0 ||
      !syncfs_tells_of_failures(system.release, s.f_type))
    return nullptr;
  return whole;
}

result<uint64_t> posix_files::free_space(const std::string& path) {
  struct statvfs s;
  if (uninterrupted([&] { return ::statvfs(path.c_str(), &s); }) != 0)
    return failed("statvfs", path);
  return static_cast<uint64_t>(s.f_bavail) * s.f_frsize;
}

} // namespace chisme
