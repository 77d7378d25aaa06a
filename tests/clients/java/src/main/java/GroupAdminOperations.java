import static java.util.Map.entry;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.GroupListing;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/** Groups and their committed offsets with the Java Admin. */
final class GroupAdminOperations {
  private final Admin admin;

  GroupAdminOperations(Admin admin) {
    this.admin = admin;
  }

  Map<String, Protocol.Operation> operations() {
    return Map.ofEntries(
        entry("list_groups", fields -> admin.listGroups().all().get().stream().map(GroupListing::groupId).toList()),
        entry("describe_group", this::describeGroup),
        entry("group_offsets", this::groupOffsets),
        entry("alter_group_offsets", this::alterGroupOffsets),
        entry("delete_group_offsets", this::deleteGroupOffsets),
        entry("delete_group", fields -> admin.deleteConsumerGroups(List.of(group(fields))).all().get()));
  }

  private static String group(JsonObject fields) {
    return fields.get("group").getAsString();
  }

  private static String topic(JsonObject fields) {
    return fields.get("topic").getAsString();
  }

  private Object describeGroup(JsonObject fields) throws Exception {
    var found = admin.describeConsumerGroups(List.of(group(fields))).all().get().get(group(fields));
    return Map.of("state", found.groupState().toString(), "members", found.members().size());
  }

  private Object groupOffsets(JsonObject fields) throws Exception {
    List<List<Long>> out = new ArrayList<>();
    var found = admin.listConsumerGroupOffsets(group(fields)).partitionsToOffsetAndMetadata().get();
    found.forEach((where, committed) -> {
      if (where.topic().equals(topic(fields)) && committed != null) {
        out.add(List.of((long) where.partition(), committed.offset()));
      }
    });
    return out;
  }

  private Object alterGroupOffsets(JsonObject fields) throws Exception {
    Map<TopicPartition, OffsetAndMetadata> wanted = new HashMap<>();
    for (JsonElement pair : fields.getAsJsonArray("offsets")) {
      int partition = pair.getAsJsonArray().get(0).getAsInt();
      long offset = pair.getAsJsonArray().get(1).getAsLong();
      wanted.put(new TopicPartition(topic(fields), partition), new OffsetAndMetadata(offset));
    }
    return admin.alterConsumerGroupOffsets(group(fields), wanted).all().get();
  }

  private Object deleteGroupOffsets(JsonObject fields) throws Exception {
    Set<TopicPartition> where = new HashSet<>();
    for (JsonElement partition : fields.getAsJsonArray("partitions")) {
      where.add(new TopicPartition(topic(fields), partition.getAsInt()));
    }
    return admin.deleteConsumerGroupOffsets(group(fields), where).all().get();
  }
}
