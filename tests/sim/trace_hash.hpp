// What happened, as one number: two runs of one seed that differ in anything that a client or the disk saw differ here.
#pragma once

#include <cstdint>
#include <string_view>

namespace chisme::test {

class trace_hash {
public:
  void add(std::string_view bytes);
  void add(uint64_t number);
  uint64_t value() const { return value_; }

private:
  uint64_t value_ = 0xcbf29ce484222325;
};

} // namespace chisme::test
