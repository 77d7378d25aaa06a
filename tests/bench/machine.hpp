// What the benchmarks start and leave nothing of: child processes, temporary folders, a node under test.
//
// A benchmark that cannot be carried out throws std::runtime_error: there is nothing it could go on with.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <sys/types.h>
#include <vector>

namespace chisme::bench {

/// Throws with the text and what errno says.
[[noreturn]] void give_up(const std::string& what);

/// Seconds since some moment, for differences.
double now();

/// Raises the limit of open descriptors as far as the system allows; returns it.
uint64_t raise_file_limit();

/// The type of the file system that holds `path`, and the kernel: what a sync costs depends on both.
std::string file_system_of(const std::string& path);

/// Removed with all that is in it.
class temporary_folder {
public:
  explicit temporary_folder(const std::string& below);
  ~temporary_folder();
  temporary_folder(const temporary_folder&) = delete;
  temporary_folder& operator=(const temporary_folder&) = delete;

  const std::filesystem::path& path() const { return path_; }

private:
  std::filesystem::path path_;
};

/// A child that is killed by its pid at the end, and by the kernel where this process ends before.
class child {
public:
  child() = default;
  explicit child(pid_t pid) : pid_(pid) {}
  child(child&& other) noexcept;
  child& operator=(child&& other) noexcept;
  ~child() { kill(); }

  /// Runs `body` in a forked copy of this process, which has one thread only.
  static child run(const std::function<void()>& body);

  pid_t pid() const { return pid_; }
  /// SIGKILL, and waits for the end.
  void kill();

private:
  pid_t pid_ = 0;
};

/// User and system time of a process so far, in steps of 10 ms. Unlike the rates it says something on a busy machine.
double cpu_seconds(pid_t pid);

/// `chisme node` as users start it, on a port of the system's choice.
class node_under_test {
public:
  /// Returns when the node says where it listens. `options` follow "node" on the command line.
  node_under_test(const std::string& data, std::vector<std::string> options);
  ~node_under_test();
  node_under_test(const node_under_test&) = delete;
  node_under_test& operator=(const node_under_test&) = delete;

  uint16_t port() const { return port_; }
  pid_t pid() const { return process_.pid(); }
  /// kill -9.
  void kill() { process_.kill(); }

  /// now() right before the process was made.
  double begun() const { return begun_; }
  /// Resident memory in MiB, from /proc.
  double resident() const;
  /// The largest that resident() has been.
  double peak() const;

private:
  void wait_for_listener();

  double begun_ = 0;
  child process_;
  int log_ = -1;
  uint16_t port_ = 0;
};

} // namespace chisme::bench
