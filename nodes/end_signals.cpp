#include "nodes/end_signals.hpp"

#include <algorithm>
#include <csignal>
#include <limits>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

namespace chisme::nodes {

namespace {

int blocked_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
  return ::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

std::string name_of(int signal) { return signal == SIGTERM ? "SIGTERM" : "SIGINT"; }

} // namespace

end_signals::end_signals(std::chrono::milliseconds at_most, std::function<void()> asked,
                         std::function<void(const std::string&)> end)
  : at_most_(at_most), asked_(std::move(asked)), end_(std::move(end)), signals_(blocked_signals()),
    done_(::eventfd(0, EFD_CLOEXEC)), thread_([this] { watch(); }) {}

end_signals::~end_signals() {
  const uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(done_.get(), &one, sizeof one);
  thread_.join();
}

int end_signals::wait() { return first_.get_future().get(); }

void end_signals::watch() {
  const auto first = next(-1);
  if (first == 0)
    return;
  first_.set_value(first);
  asked_();
  const auto most = std::min<int64_t>(at_most_.count(), std::numeric_limits<int>::max());
  const auto second = next(static_cast<int>(most));
  if (second != 0)
    end_("another signal while it stopped: " + name_of(second));
  else if (pollfd done{done_.get(), POLLIN, 0}; ::poll(&done, 1, 0) == 0)
    end_("it has not stopped in time (shutdown.timeout.ms=" + std::to_string(at_most_.count()) + ")");
}

int end_signals::next(int timeout_ms) const {
  pollfd both[] = {{signals_.get(), POLLIN, 0}, {done_.get(), POLLIN, 0}};
  if (uninterrupted([&] { return ::poll(both, 2, timeout_ms); }) <= 0 || both[1].revents != 0)
    return 0;
  signalfd_siginfo info{};
  return ::read(signals_.get(), &info, sizeof info) == sizeof info ? static_cast<int>(info.ssi_signo) : 0;
}

} // namespace chisme::nodes
