// Which plain structs CAF may carry. Messages between the actors of one node are passed by pointer and never
// serialized, so they need no type id; CAF wants that said.
#pragma once

#include <caf/allowed_unsafe_message_type.hpp>

/// For message structs that stay within a node; to be used outside of any namespace.
#define CHISME_LOCAL_MESSAGE(type) CAF_ALLOW_UNSAFE_MESSAGE_TYPE(type)
