// Writes which mutations each test reaches into the file that the variable MUTANT_COVERAGE names, a line for each test:
// name, milliseconds, "ok" or "failed", numbers. What is reached before the first test is the line "*".
#include "messages/mutation.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <string>

namespace {

class coverage : public ::testing::EmptyTestEventListener {
public:
  explicit coverage(std::FILE* to) : to_(to) {}

  void OnTestProgramStart(const ::testing::UnitTest&) override { write("*", 0, true); }

  void OnTestEnd(const ::testing::TestInfo& test) override {
    write(std::string{test.test_suite_name()} + "." + test.name(), test.result()->elapsed_time(),
          !test.result()->Failed());
  }

private:
  void write(const std::string& name, long milliseconds, bool passed) {
    std::fprintf(to_, "%s\t%ld\t%s\t", name.c_str(), milliseconds, passed ? "ok" : "failed");
    for (int n = 0; n < chisme_mutation::most; ++n)
      if (chisme_mutation::reached[n]) {
        std::fprintf(to_, "%d,", n);
        chisme_mutation::reached[n] = false;
      }
    std::fputc('\n', to_);
    std::fflush(to_);
  }

  std::FILE* to_;
};

const bool listening = [] {
  if (const auto* path = std::getenv("MUTANT_COVERAGE"))
    // Tests of a death start the program again: it must not cut off what is written already.
    if (auto* to = std::fopen(path, "a"))
      ::testing::UnitTest::GetInstance()->listeners().Append(new coverage{to});
  return true;
}();

} // namespace
