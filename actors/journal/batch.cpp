#include "actors/journal/batch.hpp"

namespace chisme::journal {

void batch::add(const entry& e) {
  log::record_in in;
  in.key = as_chars(e.key);
  if (e.value)
    in.value = as_chars(*e.value);
  in.timestamp = now_;
  std::vector<log::record_header_in> headers;
  for (const auto& h : e.headers)
    headers.push_back({h.key, as_chars(h.value)});
  in.headers = headers;
  builder_.add(in);
}

partition::append_request batch::finish() {
  partition::append_request request;
  request.records = builder_.finish().value(); // fails only where a codec does, and there is none
  return request;
}

} // namespace chisme::journal
