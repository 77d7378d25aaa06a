#include "actors/log/partition_log.hpp"
#include "nodes/cli/dump_text.hpp"
#include "nodes/posix_files.hpp"
#include "tests/support/log_fixture.hpp"
#include "tests/unit/cli/command_line.hpp"

#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace chisme {
namespace {

using json = nlohmann::json;
using testing::EndsWith;
using testing::HasSubstr;

/// A partition's folder on the real disk, written by the real log: three batches of two records.
class log_dump : public testing::Test {
protected:
  log_dump() : folder_(testing::TempDir() + "chisme-dump-XXXXXX") {
    if (::mkdtemp(folder_.data()) == nullptr)
      throw std::runtime_error{"no temporary folder"};
    topic_settings settings;
    settings.index_interval_bytes = 1;
    log::recovery_report report;
    auto opened = log::partition_log::open(disk_, folder_ + "/t-0", settings, {}, report);
    if (!opened)
      throw std::runtime_error{opened.error().message};
    for (offset_t base : {0, 2, 4})
      if (auto ok = test::append(**opened, test::make_batch(base, 2, 1000 + base, 0, codec_of(base))); !ok)
        throw std::runtime_error{ok.error().message};
    if (auto ok = (*opened)->close(); !ok)
      throw std::runtime_error{ok.error().message};
  }
  ~log_dump() override { std::filesystem::remove_all(folder_); }

  static log::codec codec_of(offset_t base) { return base == 2 ? log::codec::zstd : log::codec::none; }

  std::string file(const std::string& suffix) const { return folder_ + "/t-0/00000000000000000000" + suffix; }

  void overwrite(const std::string& path, std::streamoff at, char byte) {
    std::fstream f{path, std::ios::in | std::ios::out | std::ios::binary};
    f.seekp(at);
    f.put(byte);
  }

  std::vector<json> dumped(std::vector<std::string> flags) {
    std::vector<std::string> arguments{"log", "dump", folder_, "--json"};
    arguments.insert(arguments.end(), flags.begin(), flags.end());
    auto told = shell(arguments);
    std::vector<json> lines;
    std::istringstream text{told.out};
    for (std::string line; std::getline(text, line);)
      lines.push_back(json::parse(line));
    return lines;
  }

  static std::vector<json> of_type(const std::vector<json>& lines, const std::string& type) {
    std::vector<json> found;
    std::ranges::copy_if(lines, std::back_inserter(found), [&](auto& line) { return line["type"] == type; });
    return found;
  }

  test::command_line shell;
  std::string folder_;

private:
  posix_files disk_;
};

TEST_F(log_dump, shows_batches_and_that_all_is_well) {
  auto told = shell({"log", "dump", folder_, "--verify-index"});
  EXPECT_EQ(told.code, 0) << told.err << told.out;
  EXPECT_THAT(told.out, HasSubstr("offsets 2..3  records 2  position "));
  EXPECT_THAT(told.out, HasSubstr("zstd  crc ok\n"));
  EXPECT_THAT(told.out, EndsWith(" bytes: all well\n"));
  EXPECT_THAT(told.out, HasSubstr("3 batches, 6 records, "));
}

TEST_F(log_dump, shows_every_record_of_compressed_batches_too) {
  auto records = of_type(dumped({"--records"}), "record");
  ASSERT_EQ(records.size(), 6u);
  for (size_t i = 0; i < records.size(); ++i) {
    EXPECT_EQ(records[i]["offset"], i);
    EXPECT_EQ(records[i]["timestamp"], 1000 + i);
    EXPECT_EQ(records[i]["key"], "k" + std::to_string(i));
    EXPECT_EQ(records[i]["value"], "v" + std::to_string(i));
  }
  EXPECT_THAT(shell({"log", "dump", file(".log"), "--records"}).out,
              HasSubstr("5  time 1005  key \"k5\"  value \"v5\""));
}

TEST_F(log_dump, a_flipped_bit_is_a_bad_checksum_of_its_batch_alone) {
  overwrite(file(".log"), static_cast<std::streamoff>(log::batch_header_size + 3), 'X');
  auto batches = of_type(dumped({}), "batch");
  ASSERT_EQ(batches.size(), 3u);
  EXPECT_EQ(batches[0]["crc_ok"], false);
  EXPECT_EQ(batches[0]["problem"], "the checksum does not match");
  EXPECT_EQ(batches[1]["crc_ok"], true);
  EXPECT_EQ(batches[2]["crc_ok"], true);
  auto told = shell({"log", "dump", folder_});
  EXPECT_EQ(told.code, 1);
  EXPECT_THAT(told.out, HasSubstr("crc BAD"));
  EXPECT_THAT(told.out, EndsWith("DAMAGED\n"));
}

TEST_F(log_dump, a_torn_end_is_told_with_its_place) {
  auto whole = std::filesystem::file_size(file(".log"));
  auto last = of_type(dumped({}), "batch")[2]["position"].get<uint64_t>();
  std::filesystem::resize_file(file(".log"), whole - 1);
  auto end = of_type(dumped({}), "end").at(0);
  EXPECT_EQ(end["batches"], 2);
  ASSERT_EQ(end["problems"].size(), 1u);
  EXPECT_THAT(end["problems"][0].get<std::string>(),
              testing::AllOf(HasSubstr("position " + std::to_string(last) + ": "),
                             EndsWith("the last " + std::to_string(whole - 1 - last) + " bytes are no batches")));
}

TEST_F(log_dump, index_entries_that_are_wrong_are_named) {
  ASSERT_GE(std::filesystem::file_size(file(".index")), 8u);
  overwrite(file(".index"), 7, '\x7e');
  EXPECT_THAT(of_type(dumped({"--verify-index"}), "end").at(0)["problems"][0].get<std::string>(),
              HasSubstr(".index entry 0: no batch begins at position"));
  EXPECT_EQ(of_type(dumped({}), "end").at(0)["problems"], json::array()) << "only where it is asked for";
}

TEST(dump, records_that_are_no_text_cannot_speak_to_the_terminal) {
  auto shown = [](std::string key, std::string value) {
    std::ostringstream text, lines;
    log::record_view view;
    view.key = {false, as_bytes(key)};
    view.value = {false, as_bytes(value)};
    cli::text_dump{text}.record({0, 0, view});
    cli::json_dump{lines}.record({0, 0, view});
    return std::make_pair(text.str(), json::parse(lines.str())["value"]);
  };
  EXPECT_EQ(shown("k", "\x1b[2J\"").first, "    0  time 0  key \"k\"  value \"\\x1b[2J\\\"\"\n");
  EXPECT_EQ(shown("\xc3\xa9", "\xff\x9b").first, "    0  time 0  key \"\xc3\xa9\"  value \"\\xff\\x9b\"\n");
  EXPECT_EQ(shown("k", "\xff\x9b").second, (json{{"hex", "ff9b"}}));
  EXPECT_EQ(shown("k", "\xc3\xa9").second, "\xc3\xa9");
  EXPECT_THAT(shown("k", std::string(500, 'x')).first, HasSubstr("x\"... (500 bytes)"));
}

TEST_F(log_dump, what_is_no_log_is_refused) {
  auto gone = shell({"log", "dump", folder_ + "/gone"});
  EXPECT_EQ(gone.code, 1);
  EXPECT_THAT(gone.err, HasSubstr(folder_ + "/gone"));
  std::filesystem::create_directory(folder_ + "/empty");
  EXPECT_THAT(shell({"log", "dump", folder_ + "/empty"}).err, HasSubstr("holds no segments"));
}

} // namespace
} // namespace chisme
