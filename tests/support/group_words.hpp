// What clients of a group coordinator say and are told, and what it writes, as text: for tests that compare whole
// conversations, and for people who look at what a simulation found.
#pragma once

#include "actors/groups/effects.hpp"
#include "actors/groups/group_request.hpp"
#include "actors/groups/partition_set.hpp"
#include "actors/groups/topic_catalog.hpp"

#include <string>

namespace chisme::test {

/// "25 UNKNOWN_MEMBER_ID"
std::string words(error_code code);
/// "[t0 t1]"
std::string words(const groups::partition_set& set, const groups::topic_catalog& topics);
/// The partitions of a consumer. Tests of classic groups put in words where consumers have bytes.
std::string words(const buffer& assignment, const groups::topic_catalog& topics);

/// "join v9 as m1-1 with [t0 t1] of 3"
std::string words(const groups::group_request& request, int16_t version, const groups::topic_catalog& topics);
/// "joined 1 as m1-1, leader m1-1, range, members m1-1 m2-2"
std::string words(const groups::group_response& response, const groups::topic_catalog& topics);
/// "group g at 1, m1-1: A, m2-2: B". Of the records of a consumer group only those that tell the story; the rest are
/// empty.
std::string words(const groups::group_record& record, const groups::topic_catalog& topics);

} // namespace chisme::test
