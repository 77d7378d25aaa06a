import static java.util.Map.entry;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;

/** Topics, configs and deletion with the Java Admin. The whole-set AlterConfigs was removed from it in 4.0. */
final class AdminOperations {
  private final Admin admin;

  AdminOperations(Admin admin) {
    this.admin = admin;
  }

  Map<String, Protocol.Operation> operations() {
    return Map.ofEntries(
        entry("create_topic", this::createTopic),
        entry("delete_topic", fields -> admin.deleteTopics(List.of(topic(fields))).all().get()),
        entry("list_topics", fields -> admin.listTopics().names().get()),
        entry("describe_topic", this::describeTopic),
        entry("create_partitions", this::createPartitions),
        entry("describe_configs", this::describeConfigs),
        entry("alter_configs", this::alterConfigs),
        entry("describe_transactions", fields -> admin.describeTransactions(List.of(id(fields))).all().get()),
        entry("list_transactions", fields -> admin.listTransactions().all().get()),
        entry("fence_producers", fields -> admin.fenceProducers(List.of(id(fields))).all().get()),
        entry("delete_records", this::deleteRecords));
  }

  private static String topic(JsonObject fields) {
    return fields.get("topic").getAsString();
  }

  private static String id(JsonObject fields) {
    return fields.get("id").getAsString();
  }

  private static ConfigResource resource(JsonObject fields) {
    String kind = fields.get("kind").getAsString();
    return new ConfigResource(ConfigResource.Type.valueOf(kind.toUpperCase(Locale.ROOT)), fields.get("name").getAsString());
  }

  private Object createTopic(JsonObject fields) throws Exception {
    Map<String, String> configs = new HashMap<>();
    fields.getAsJsonObject("configs").asMap().forEach((name, value) -> configs.put(name, value.getAsString()));
    NewTopic wanted = new NewTopic(topic(fields), fields.get("partitions").getAsInt(), (short) -1).configs(configs);
    return admin.createTopics(List.of(wanted)).all().get();
  }

  private Object describeTopic(JsonObject fields) throws Exception {
    var found = admin.describeTopics(List.of(topic(fields))).allTopicNames().get().get(topic(fields));
    return Map.of("partitions", found.partitions().size());
  }

  private Object createPartitions(JsonObject fields) throws Exception {
    NewPartitions total = NewPartitions.increaseTo(fields.get("total").getAsInt());
    return admin.createPartitions(Map.of(topic(fields), total)).all().get();
  }

  private Object describeConfigs(JsonObject fields) throws Exception {
    Map<String, String> out = new HashMap<>();
    var found = admin.describeConfigs(List.of(resource(fields))).all().get().get(resource(fields));
    found.entries().forEach(config -> out.put(config.name(), config.value()));
    return out;
  }

  private Object alterConfigs(JsonObject fields) throws Exception {
    if (!fields.get("incremental").getAsBoolean()) {
      throw new Protocol.Unsupported("the whole-set AlterConfigs was removed from the library in 4.0");
    }
    List<AlterConfigOp> changes = new ArrayList<>();
    for (Map.Entry<String, JsonElement> config : fields.getAsJsonObject("configs").entrySet()) {
      boolean delete = config.getValue().isJsonNull();
      String value = delete ? null : config.getValue().getAsString();
      AlterConfigOp.OpType type = delete ? AlterConfigOp.OpType.DELETE : AlterConfigOp.OpType.SET;
      changes.add(new AlterConfigOp(new ConfigEntry(config.getKey(), value), type));
    }
    return admin.incrementalAlterConfigs(Map.of(resource(fields), changes)).all().get();
  }

  private Object deleteRecords(JsonObject fields) throws Exception {
    TopicPartition where = new TopicPartition(topic(fields), fields.get("partition").getAsInt());
    admin.deleteRecords(Map.of(where, RecordsToDelete.beforeOffset(fields.get("before").getAsLong()))).all().get();
    return null;
  }
}
