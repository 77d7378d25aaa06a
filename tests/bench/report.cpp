#include "tests/bench/report.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdio>

namespace chisme::bench {

namespace {

std::string number(double x) {
  char text[32];
  std::snprintf(text, sizeof text, x >= 1000 ? "%.0f" : x >= 10 ? "%.1f" : "%.3f", x);
  return text;
}

const char* verdict(const row& r) { return !r.met ? "-" : *r.met ? "ok" : "MISSED"; }

constexpr const char* line_format = "%-58s %14s %-8s %14s %7s  %-14s %s\n";

} // namespace

row at_most(std::string what, double measured, std::string unit, double ceiling, std::optional<double> bound) {
  auto budget = "<= " + number(ceiling);
  return {std::move(what), measured, std::move(unit), bound, std::move(budget), measured <= ceiling};
}

row at_least(std::string what, double measured, std::string unit, double floor, std::optional<double> bound) {
  auto budget = ">= " + number(floor);
  return {std::move(what), measured, std::move(unit), bound, std::move(budget), measured >= floor};
}

row share_of(std::string what, double measured, std::string unit, double bound, double floor) {
  return {std::move(what),          measured, std::move(unit), bound, ">= " + number(floor) + " x bound",
          measured >= floor * bound};
}

void report::print_head() const {
  std::printf(line_format, "what", "measured", "", "bound", "ratio", "budget", "verdict");
  std::fflush(stdout);
}

void report::add(row r) {
  std::printf(line_format, r.what.c_str(), number(r.measured).c_str(), r.unit.c_str(),
              r.bound ? number(*r.bound).c_str() : "-", r.ratio() ? number(*r.ratio()).c_str() : "-",
              r.budget.empty() ? "-" : r.budget.c_str(), verdict(r));
  std::fflush(stdout);
  rows_.push_back(std::move(r));
}

void report::print_end() const {
  const auto missed = std::ranges::count_if(rows_, [](const row& r) { return r.met == false; });
  std::printf("%zu lines, %td budgets missed\n", rows_.size(), missed);
}

bool report::all_met() const {
  return std::ranges::none_of(rows_, [](const row& r) { return r.met == false; });
}

std::string report::json() const {
  auto all = nlohmann::json::array();
  for (const auto& r : rows_) {
    nlohmann::json one{{"what", r.what}, {"measured", r.measured}, {"unit", r.unit}, {"verdict", verdict(r)}};
    if (r.bound)
      one["bound"] = *r.bound;
    if (r.ratio())
      one["ratio"] = *r.ratio();
    if (!r.budget.empty())
      one["budget"] = r.budget;
    all.push_back(std::move(one));
  }
  return all.dump(2) + "\n";
}

double median(std::vector<double> values) {
  auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

} // namespace chisme::bench
