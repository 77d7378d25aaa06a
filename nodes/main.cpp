#include "nodes/cli/commands.hpp"
#include "nodes/node_process.hpp"

int main(int argc, char** argv) {
  return chisme::cli::run(chisme::cli::process_context(argc, argv, chisme::nodes::run_node_process));
}
