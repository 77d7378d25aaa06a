#include "actors/links/outbox.hpp"

#include <gtest/gtest.h>

namespace chisme::links {
namespace {

payload frame(char mark, size_t size) { return payload{buffer::copy_of(std::string(size, mark))}; }

char mark_of(const payload& p) { return as_chars(std::get<buffer>(p.parts().front()))[0]; }

TEST(outbox, of_control_the_newest_are_kept) {
  outbox box{100, overflow::drops_oldest};
  for (char mark : {'a', 'b', 'c', 'd'})
    EXPECT_TRUE(box.push(frame(mark, 40)));
  EXPECT_EQ(box.bytes(), 80u);
  EXPECT_EQ(box.dropped(), 2u);
  EXPECT_EQ(mark_of(box.pop()), 'c');
  EXPECT_EQ(mark_of(box.pop()), 'd');
  EXPECT_TRUE(box.empty());
  EXPECT_EQ(box.bytes(), 0u);
}

TEST(outbox, of_bulk_the_sender_is_told) {
  outbox box{100, overflow::refuses_newest};
  EXPECT_TRUE(box.push(frame('a', 60)));
  EXPECT_FALSE(box.push(frame('b', 41)));
  EXPECT_TRUE(box.push(frame('c', 40))) << "exactly full";
  EXPECT_EQ(box.dropped(), 1u);
  EXPECT_EQ(mark_of(box.pop()), 'a');
  EXPECT_EQ(mark_of(box.pop()), 'c');
}

TEST(outbox, one_that_is_larger_than_all_room_goes_alone) {
  outbox bulk{100, overflow::refuses_newest};
  EXPECT_TRUE(bulk.push(frame('a', 500)));
  EXPECT_FALSE(bulk.push(frame('b', 1)));
  outbox control{100, overflow::drops_oldest};
  EXPECT_TRUE(control.push(frame('a', 1)));
  EXPECT_TRUE(control.push(frame('b', 500)));
  EXPECT_EQ(control.bytes(), 500u);
}

TEST(outbox, ranges_of_files_count_by_their_length) {
  outbox box{100, overflow::refuses_newest};
  payload p;
  p.append(file_slice{nullptr, 3, 0, 90});
  EXPECT_TRUE(box.push(p));
  EXPECT_EQ(box.bytes(), 90u);
  EXPECT_FALSE(box.push(frame('b', 11)));
}

} // namespace
} // namespace chisme::links
