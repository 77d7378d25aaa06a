#include "tests/bench/machine.hpp"

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <stdexcept>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

namespace chisme::bench {

void give_up(const std::string& what) { throw std::runtime_error(what + ": " + std::strerror(errno)); }

double now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

uint64_t raise_file_limit() {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
  return limit.rlim_cur;
}

std::string file_system_of(const std::string& path) {
  const auto whole = std::filesystem::canonical(path).string() + "/";
  std::string type = "unknown";
  size_t longest = 0;
  std::ifstream mounts{"/proc/self/mounts"};
  for (std::string device, folder, of_it, rest; mounts >> device >> folder >> of_it && std::getline(mounts, rest);) {
    const auto prefix = folder == "/" ? folder : folder + "/";
    if (whole.starts_with(prefix) && prefix.size() >= longest) {
      longest = prefix.size();
      type = of_it;
    }
  }
  utsname kernel{};
  ::uname(&kernel);
  return type + ", " + kernel.sysname + " " + kernel.release;
}

temporary_folder::temporary_folder(const std::string& below) {
  auto name = below + "/chisme-bench-XXXXXX";
  if (!::mkdtemp(name.data()))
    give_up("cannot make a folder in " + below);
  path_ = name;
}

temporary_folder::~temporary_folder() {
  std::error_code e;
  std::filesystem::remove_all(path_, e);
}

child::child(child&& other) noexcept : pid_(std::exchange(other.pid_, 0)) {}

child& child::operator=(child&& other) noexcept {
  kill();
  pid_ = std::exchange(other.pid_, 0);
  return *this;
}

child child::run(const std::function<void()>& body) {
  const auto pid = ::fork();
  if (pid < 0)
    give_up("fork");
  if (pid == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    body();
    ::_exit(0);
  }
  return child{pid};
}

void child::kill() {
  if (pid_ == 0)
    return;
  ::kill(pid_, SIGKILL);
  ::waitpid(std::exchange(pid_, 0), nullptr, 0);
}

node_under_test::node_under_test(const std::string& data, std::vector<std::string> options) {
  std::vector<std::string> words{CHISME_BINARY, "node", "--listeners", "PLAINTEXT://127.0.0.1:0", "--log.dirs", data};
  words.insert(words.end(), options.begin(), options.end());
  std::vector<char*> arguments;
  for (auto& w : words)
    arguments.push_back(w.data());
  arguments.push_back(nullptr);
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0)
    give_up("pipe");
  ::fcntl(ends[0], F_SETPIPE_SZ, 1 << 20); // nobody reads it while a benchmark runs
  begun_ = now();
  process_ = child::run([&] {
    ::dup2(ends[1], STDERR_FILENO);
    ::execv(arguments[0], arguments.data());
  });
  ::close(ends[1]);
  log_ = ends[0];
  wait_for_listener();
}

node_under_test::~node_under_test() {
  process_.kill();
  ::close(log_);
}

void node_under_test::wait_for_listener() {
  std::string said;
  char chunk[4096];
  for (;;) {
    const auto n = ::read(log_, chunk, sizeof chunk);
    if (n <= 0)
      throw std::runtime_error("the node ended: " + said);
    said.append(chunk, static_cast<size_t>(n));
    const auto line = said.find("node started");
    if (line == std::string::npos || said.find('\n', line) == std::string::npos)
      continue;
    const auto at = said.find("127.0.0.1:", said.find("listeners=", line));
    port_ = static_cast<uint16_t>(std::stoi(said.substr(at + 10)));
    return;
  }
}

namespace {

/// A line of /proc/<pid>/status, in MiB.
double status_of(pid_t pid, const std::string& field) {
  std::ifstream status{"/proc/" + std::to_string(pid) + "/status"};
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(field + ":"))
      return std::stod(line.substr(field.size() + 1)) / 1024;
  }
  throw std::runtime_error("the node is gone");
}

} // namespace

double node_under_test::resident() const { return status_of(pid(), "VmRSS"); }

double node_under_test::peak() const { return status_of(pid(), "VmHWM"); }

double cpu_seconds(pid_t pid) {
  std::ifstream stat{"/proc/" + std::to_string(pid) + "/stat"};
  std::string word;
  double ticks = 0;
  // Fields 14 and 15, as proc(5) counts them; the process name has no blank.
  for (int field = 1; stat >> word && field <= 15; ++field) {
    if (field >= 14)
      ticks += std::stod(word);
  }
  return ticks / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

} // namespace chisme::bench
