#include "tests/bench/benches.hpp"
namespace chisme::bench {
void measure_group_commits(const options&, report&) {}
void measure_group_load(const options&, report&) {}
void measure_group_memory(const options&, report&) {}
void measure_group_idle(const options&, report&) {}
}
