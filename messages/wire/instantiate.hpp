// The definitions behind codec.hpp, for the .cpp files under messages/kafka only.
#pragma once

#include "messages/wire/codec.hpp"
#include "messages/wire/decoder.hpp"
#include "messages/wire/json.hpp"

#include <nlohmann/json.hpp>

namespace chisme {

template <class T>
payload encode(const T& message, int16_t version) {
  const bool flexible = version >= T::flexible_since;
  wire::counting_sink counter;
  wire::encoder<wire::counting_sink>{counter, version, flexible}.record(message);
  wire::writing_sink writer{counter.size()};
  wire::encoder<wire::writing_sink>{writer, version, flexible}.record(message);
  return std::move(writer).finish();
}

template <class T>
result<T> decode(const buffer& body, int16_t version, behind what) {
  if (version < T::min_version || version > T::max_version)
    return fail(error_code::unsupported_version,
                std::string{T::type_name} + " has no version " + std::to_string(version));
  T message;
  wire::decoder reader{body, version, version >= T::flexible_since};
  reader.record(message);
  auto where = [&] { return std::string{T::type_name} + " version " + std::to_string(version) + ": "; };
  if (reader.failed())
    return fail(error_code::invalid_request, where() + reader.failure());
  if (what == behind::nothing && reader.left() != 0)
    return fail(error_code::invalid_request, where() + std::to_string(reader.left()) + " bytes too many at the end");
  return message;
}

template <class T>
nlohmann::json to_json(const T& message) {
  auto out = nlohmann::json::object();
  wire::json_visitor visitor{wire::json_builder{out}};
  T::visit(visitor, message);
  return out;
}

} // namespace chisme

#define CHISME_INSTANTIATE_CODEC(message)                                                                              \
  template payload encode(const message&, int16_t);                                                                    \
  template result<message> decode(const buffer&, int16_t, behind);                                                     \
  template nlohmann::json to_json(const message&);
