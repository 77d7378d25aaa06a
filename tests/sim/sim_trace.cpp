#include "tests/sim/sim_trace.hpp"

#include "tests/sim/seeds.hpp"

#include <cstdio>

namespace chisme::test {

// FNV-1a.
void trace_hash::add(std::string_view bytes) {
  for (const auto c : bytes)
    value_ = (value_ ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  add(bytes.size());
}

void trace_hash::add(uint64_t number) {
  for (int i = 0; i < 8; ++i, number >>= 8)
    value_ = (value_ ^ (number & 0xff)) * 0x100000001b3;
}

sim_trace::sim_trace() {
  const auto asked_for = number_from_environment("CHISME_TRACE");
  shown_ = static_cast<int>(asked_for.value_or(only_seed() ? faults : 0));
}

void sim_trace::note(level of, timestamp_ms when, node_id at, const std::string& what) {
  hash_.add(static_cast<uint64_t>(when));
  hash_.add(static_cast<uint64_t>(at));
  hash_.add(what);
  if (shows(of))
    print(when, at, what);
}

void sim_trace::note(timestamp_ms when, node_id at, std::string_view kind, std::string_view detail) {
  hash_.add(static_cast<uint64_t>(when));
  hash_.add(static_cast<uint64_t>(at));
  hash_.add(kind);
  hash_.add(detail);
  if (shows(frames))
    print(when, at, kind);
}

void sim_trace::print(timestamp_ms when, node_id at, std::string_view what) const {
  const auto who = at == nobody ? std::string{"      "} : "node " + std::to_string(at);
  std::printf("%10.3f %s  %.*s\n", static_cast<double>(when) / 1000, who.c_str(), static_cast<int>(what.size()),
              what.data());
}

} // namespace chisme::test
