// chisme_bench: the budgets of one node, each beside a bound measured in the same run.
#include "tests/bench/benches.hpp"
#include "tests/bench/machine.hpp"

#include <boost/program_options.hpp>

#include <csignal>
#include <cstdio>
#include <fstream>
#include <iostream>

namespace {

using namespace chisme::bench;

constexpr bench all[] = {
  {"start", "start to the first answer, idle memory", measure_start},
  {"produce", "large batches beside receive-and-pwrite", measure_produce},
  {"fetch", "page cache beside sendfile", measure_fetch},
  {"small", "1 KiB produce requests on 8 connections", measure_small_requests},
  {"validate", "looking into each record of a batch, for each codec", measure_validation},
  {"restart", "kill -9 with 1,000 partitions and 1 GiB", measure_restart},
  {"create-topics", "a new topic beside 10,000 partitions", measure_create_topics},
  {"silent", "10,000 silent connections", measure_silent_connections},
  {"group-rebalance", "a member dies, one joins, among 10 to 1,000", measure_group_rebalance},
  {"group-commits", "durable offset commits of 1 to 1,000 groups", measure_group_commits},
  {"group-load", "restart with 100,000 committed offsets", measure_group_load},
  {"group-memory", "what groups and members weigh", measure_group_memory},
  {"group-idle", "10,000 members that only send heartbeats", measure_group_idle},
  // Last: they start threads in this process, and the others fork.
  {"links", "messages and batches between two nodes", measure_links},
  {"allocations", "allocations and copies per request and record", measure_allocations},
};

struct command_line {
  options o;
  std::vector<std::string> only;
  std::string json;
  std::string in_process;
  size_t requests = 10'000;
  bool help = false;
};

command_line read_arguments(int argc, char** argv) {
  namespace po = boost::program_options;
  command_line c;
  po::options_description known{"chisme_bench"};
  known.add_options()("help", po::bool_switch(&c.help), "this text")("only", po::value(&c.only)->composing(),
                                                                     "run just this benchmark (repeatable)")(
    "quick", po::bool_switch(&c.o.quick), "a tenth of everything, one round")(
    "json", po::value(&c.json), "write the results to this file")("folder", po::value(&c.o.folder),
                                                                  "where data folders are made (/tmp)")(
    "batches", po::value(&c.o.batches), "a folder for the batches that validate measures")(
    "in-process", po::value(&c.in_process), "a node in this process, for profilers: produce or fetch")(
    "requests", po::value(&c.requests), "how many, with --in-process");
  po::variables_map given;
  po::store(po::parse_command_line(argc, argv, known), given);
  po::notify(given);
  if (c.help) {
    std::cout << known << "benchmarks:\n";
    for (const auto& b : all)
      std::cout << "  " << b.name << ": " << b.about << '\n';
  }
  return c;
}

bool wanted(const command_line& c, const bench& b) {
  return c.only.empty() || std::ranges::find(c.only, b.name) != c.only.end();
}

int run(const command_line& c) {
  if (!c.in_process.empty()) {
    run_in_process(c.in_process, c.requests, c.o);
    return 0;
  }
  report out;
  std::printf("data in %s: %s\n", c.o.folder.c_str(), file_system_of(c.o.folder).c_str());
  out.print_head();
  for (const auto& b : all) {
    if (wanted(c, b))
      b.run(c.o, out);
  }
  out.print_end();
  if (!c.json.empty())
    std::ofstream{c.json} << out.json();
  return out.all_met() ? 0 : 1;
}

} // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  try {
    const auto c = read_arguments(argc, argv);
    return c.help ? 0 : run(c);
  } catch (const std::exception& e) {
    std::fprintf(stderr, "chisme_bench: %s\n", e.what());
    return 2;
  }
}
