// The one thing that a broker reads of what consumers tell each other.
#pragma once

#include "messages/buffer.hpp"

#include <optional>
#include <string>
#include <vector>

namespace chisme::groups {

/// The protocol type of consumers; only of theirs the subscriptions are understood.
inline constexpr std::string_view consumer_protocol = "consumer";

/// The topics of a consumer's subscription; nullopt for bytes that are none.
std::optional<std::vector<std::string>> subscribed_topics(const buffer& subscription);

} // namespace chisme::groups
