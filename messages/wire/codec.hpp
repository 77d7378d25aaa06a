// Messages to bytes and back: what the rest of the program calls. Defined for every message under
// messages/kafka; the definitions are instantiated there, one .cpp for each group of APIs, so that this
// header stays cheap.
#pragma once

#include "messages/errors.hpp"
#include "messages/payload.hpp"

#include <cstdint>
#include <nlohmann/json_fwd.hpp>

namespace chisme {

/// What may follow a message's bytes. Requests of real clients are now and then longer than their message (librdkafka
/// 2.16 writes a null array of Metadata 13 in four bytes instead of one) and Kafka's brokers do not look there.
enum class behind : bool { nothing, anything };

/// The message as bytes, without size and header. Record sets are spliced in without a copy and share
/// ownership. `version` must lie within the message's versions.
template <class T>
payload encode(const T& message, int16_t version);

/// Reads exactly the bytes of `body`; record sets and byte fields of the result are slices of it.
/// Fails with invalid_request for bytes that are no such message, and with unsupported_version for a version
/// outside of the message's.
template <class T>
result<T> decode(const buffer& body, int16_t version, behind what = behind::nothing);

/// All fields, by the names that the message's visit gives them.
template <class T>
nlohmann::json to_json(const T& message);

} // namespace chisme
