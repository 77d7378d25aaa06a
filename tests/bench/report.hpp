// What the benchmarks found: a table for people, JSON for programs.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace chisme::bench {

/// One line of the table. `bound`: the raw loop over the same bytes, measured in the same run, in the same unit.
struct row {
  std::string what;
  double measured = 0;
  std::string unit;
  std::optional<double> bound;
  std::string budget = {};
  std::optional<bool> met = {}; ///< nothing: the number is shown, no budget speaks of it

  std::optional<double> ratio() const { return bound && *bound > 0 ? std::optional{measured / *bound} : std::nullopt; }
};

/// A line whose budget is a ceiling.
row at_most(std::string what, double measured, std::string unit, double ceiling,
            std::optional<double> bound = std::nullopt);
/// A line whose budget is a floor.
row at_least(std::string what, double measured, std::string unit, double floor,
             std::optional<double> bound = std::nullopt);
/// A line whose budget is a share of its bound.
row share_of(std::string what, double measured, std::string unit, double bound, double floor);

class report {
public:
  void add(row r);
  /// Names the columns; rows are printed as they come, a benchmark takes a while.
  void print_head() const;
  void print_end() const;
  std::string json() const;
  bool all_met() const;

private:
  std::vector<row> rows_;
};

/// The middle one of the rounds.
double median(std::vector<double> values);

} // namespace chisme::bench
