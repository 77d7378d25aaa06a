#include "nodes/cli/iso_time.hpp"

#include <chrono>
#include <regex>

namespace chisme::cli {

namespace {

int number(const std::ssub_match& m) { return m.matched ? std::stoi(m.str()) : 0; }

} // namespace

result<timestamp_ms> parse_time(const std::string& text) {
  using namespace std::chrono;
  static const std::regex milliseconds_form{"[0-9]{1,15}"};
  static const std::regex iso_form{"([0-9]{4})-([0-9]{2})-([0-9]{2})"
                                   "(?:[T ]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:[.]([0-9]{1,3}))?)?)?"
                                   "(Z|([+-])([0-9]{2}):?([0-9]{2}))?"};
  if (std::regex_match(text, milliseconds_form))
    return std::stoll(text);
  std::smatch m;
  const auto wrong = fail(error_code::invalid_request,
                          "\"" + text + "\" is no time like 2026-11-23T10:00:00Z or milliseconds since 1970");
  if (!std::regex_match(text, m, iso_form))
    return wrong;
  const year_month_day day{year{number(m[1])}, month{static_cast<unsigned>(number(m[2]))},
                           std::chrono::day{static_cast<unsigned>(number(m[3]))}};
  if (!day.ok() || number(m[4]) > 23 || number(m[5]) > 59 || number(m[6]) > 60 || number(m[10]) > 14)
    return wrong;
  auto fraction = m[7].str();
  fraction.resize(3, '0');
  const auto zone = (hours{number(m[10])} + minutes{number(m[11])}) * (m[9] == "-" ? -1 : 1);
  const auto at = sys_days{day} + hours{number(m[4])} + minutes{number(m[5])} + seconds{number(m[6])} +
                  milliseconds{m[7].matched ? std::stoi(fraction) : 0} - zone;
  const auto since_1970 = duration_cast<milliseconds>(at.time_since_epoch()).count();
  // Below that the protocol has names for other places than times.
  if (since_1970 < 0)
    return wrong;
  return since_1970;
}

} // namespace chisme::cli
