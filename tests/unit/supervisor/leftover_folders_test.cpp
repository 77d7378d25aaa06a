// Which folders of a data folder belong to nobody, and which of those this cluster has deleted.
#include "actors/supervisor/leftover_folders.hpp"

#include "actors/log/partition_metadata.hpp"
#include "tests/support/sim_files.hpp"

#include <gmock/gmock.h>

namespace chisme::supervisor {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

uuid id_of(uint8_t n) {
  uuid id;
  id.bytes[0] = n;
  return id;
}

class leftover_folders_test : public testing::Test {
protected:
  leftover_folders_test() { EXPECT_TRUE(disk_.make_directories("/data")); }

  void folder(const std::string& name, std::optional<uuid> id, std::string_view records = "") {
    EXPECT_TRUE(disk_.make_directories("/data/" + name));
    if (id) {
      EXPECT_TRUE(log::write_partition_metadata(disk_, "/data/" + name, *id, true));
    }
    file(name + "/00000000000000000000.log", records);
  }
  void file(const std::string& path, std::string_view content) {
    auto f = disk_.open("/data/" + path, log::open_mode::create);
    ASSERT_TRUE(f);
    const bytes_view parts[] = {as_bytes(content)};
    ASSERT_TRUE((*f)->write_at(0, parts));
  }
  void topic(const std::string& name, uint8_t id, int partitions = 1) {
    coordinator::topic_state t{
      name, id_of(id), std::vector<std::vector<node_id>>(static_cast<size_t>(partitions), {1}), {}};
    cluster_.apply(coordinator::topic_record{t.id, t});
  }
  leftovers found() {
    auto r = find_leftovers(disk_, "/data", cluster_, deleted_);
    EXPECT_TRUE(r);
    return *r;
  }
  std::vector<std::string> deleted_names() {
    std::vector<std::string> names;
    for (const auto& f : found().deleted)
      names.push_back(f.name);
    return names;
  }

  test::sim_files disk_;
  coordinator::cluster_state cluster_;
  topic_ids deleted_;
};

TEST_F(leftover_folders_test, of_deleted_topics_go_and_of_unknown_ones_stay) {
  topic("owned", 1);
  deleted_ = {id_of(2)};
  folder("owned-0", id_of(1), "records");
  folder("gone-0", id_of(2), "records");
  folder("gone-1", id_of(2));
  folder("foreign-0", id_of(3), "records");
  folder("__cluster-0", id_of(9), "records");
  EXPECT_THAT(deleted_names(), ElementsAre("gone-0", "gone-1"));
  EXPECT_THAT(found().unknown, ElementsAre("foreign-0"));
  EXPECT_THAT(found().doomed, IsEmpty());
}

TEST_F(leftover_folders_test, a_deleted_topics_folder_goes_although_a_new_topic_has_its_name) {
  topic("again", 2);
  folder("again-0", id_of(1), "records");
  EXPECT_THAT(deleted_names(), IsEmpty()) << "nothing says that topic 1 was deleted";
  EXPECT_THAT(found().unknown, IsEmpty()) << "who opens it sets it aside";
  deleted_ = {id_of(1)};
  EXPECT_THAT(deleted_names(), ElementsAre("again-0"));
}

TEST_F(leftover_folders_test, a_partition_that_a_topic_does_not_have_is_unknown) {
  topic("t", 1, 2);
  folder("t-0", id_of(1), "records");
  folder("t-1", id_of(1), "records");
  folder("t-2", id_of(1), "records");
  EXPECT_THAT(found().unknown, ElementsAre("t-2"));
  EXPECT_THAT(deleted_names(), IsEmpty());
}

TEST_F(leftover_folders_test, one_that_does_not_say_whose_it_is_goes_only_where_nothing_is_lost) {
  folder("empty-0", std::nullopt);
  folder("full-0", std::nullopt, "records");
  folder("damaged-0", std::nullopt);
  file("damaged-0/partition.metadata", "");
  folder("damaged-1", std::nullopt, "records");
  file("damaged-1/partition.metadata", "version: 0\ntopic_");
  EXPECT_THAT(deleted_names(), ElementsAre("damaged-0", "empty-0"));
  EXPECT_THAT(found().unknown, ElementsAre("damaged-1", "full-0"));
}

TEST_F(leftover_folders_test, of_a_newer_version_is_unknown) {
  folder("newer-0", std::nullopt);
  file("newer-0/partition.metadata", "version: 1\ntopic_id: AAAAAAAAAAAAAAAAAAAAAg\n");
  EXPECT_THAT(found().unknown, ElementsAre("newer-0"));
}

TEST_F(leftover_folders_test, names_of_other_kinds) {
  const auto id = to_string(id_of(7));
  folder("t-0." + id + "-delete", id_of(7), "records");
  folder("t-0." + id + "-stray", id_of(7), "records");
  folder("backup-delete", std::nullopt, "records");
  folder("lost+found", std::nullopt);
  file("meta.properties", "version=1");
  EXPECT_THAT(found().doomed, ElementsAre("t-0." + id + "-delete"));
  EXPECT_THAT(found().unknown, ElementsAre("t-0." + id + "-stray"));
  EXPECT_THAT(deleted_names(), IsEmpty());
}

TEST(leftover_folders, are_told_by_a_few_names) {
  EXPECT_EQ(first_few({}), "");
  EXPECT_EQ(first_few({"a-0"}), "a-0");
  EXPECT_EQ(first_few({"1", "2", "3", "4", "5", "6", "7"}), "1, 2, 3, 4, 5 and 2 more");
}

} // namespace
} // namespace chisme::supervisor
