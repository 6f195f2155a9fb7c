import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.mongodb.WriteConcern;
import com.mongodb.client.MongoClients;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.UpdateOneModel;
import com.mongodb.client.model.UpdateOptions;
import com.mongodb.client.model.WriteModel;
import io.debezium.embedded.Connect;
import io.debezium.engine.ChangeEvent;
import io.debezium.engine.DebeziumEngine;
import io.debezium.engine.RecordChangeEvent;
import io.debezium.engine.format.ChangeEventFormat;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.runtime.WorkerConfig;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.storage.MemoryOffsetBackingStore;
import org.bson.Document;
import org.bson.conversions.Bson;

/** Debezium's embedded engine under the benchmark's protocol (bench/contenders/protocol.ts): its order as JSON, answers in lines of JSON. */
public class Peer {
  static JsonNode order;
  static long handled = 0;
  static long began;

  public static void main(String[] args) throws Exception {
    order = new ObjectMapper().readTree(args[0]);
    Thread parent = new Thread(Peer::endWithParent);
    parent.setDaemon(true);
    parent.start();
    String database = order.get("database").asText();
    Properties properties = new Properties();
    properties.setProperty("name", "bench");
    properties.setProperty("connector.class", "io.debezium.connector.mongodb.MongoDbConnector");
    properties.setProperty("topic.prefix", "bench");
    properties.setProperty("mongodb.connection.string", order.get("uri").asText());
    properties.setProperty("capture.scope", "database");
    properties.setProperty("capture.target", database);
    properties.setProperty("collection.include.list", database + ".source");
    properties.setProperty("capture.mode", "change_streams_update_full");
    properties.setProperty("snapshot.mode", "no_data");
    properties.setProperty("offset.storage", Begin.class.getName());
    properties.setProperty("offset.flush.interval.ms", "1000");
    properties.setProperty("max.batch.size", "2048");
    properties.setProperty("max.queue.size", "8192");
    properties.setProperty("poll.interval.ms", "10");

    String mode = order.get("mode").asText();
    WriteConcern concern = order.path("w").asInt(0) == 1 ? WriteConcern.W1 : WriteConcern.MAJORITY;
    MongoCollection<Document> target = MongoClients.create(order.get("uri").asText())
        .getDatabase(database).getCollection("target").withWriteConcern(concern);
    try (var engine = DebeziumEngine.create(ChangeEventFormat.of(Connect.class)).using(properties)
        .using((success, message, error) -> {
          System.err.println(message);
          if (error != null) error.printStackTrace();
        })
        .notifying((records, committer) -> {
          List<WriteModel<Document>> writes = new ArrayList<>();
          for (RecordChangeEvent<SourceRecord> event : records) {
            SourceRecord record = event.record();
            if (!(record.value() instanceof Struct value) || value.schema().field("after") == null) continue;
            if (!mode.equals("count")) {
              Document after = Document.parse(value.getString("after"));
              Bson filter = Filters.eq("_id", after.get("_id"));
              Bson update = new Document("$set", new Document("evento", after.get("evento"))
                  .append("cantidad", after.get("cantidad")).append("at", after.get("at")));
              UpdateOptions upsert = new UpdateOptions().upsert(true);
              if (mode.equals("upsert")) target.updateOne(filter, update, upsert);
              else writes.add(new UpdateOneModel<>(filter, update, upsert));
            }
            if (!mode.equals("bulk")) done();
            committer.markProcessed(event);
          }
          if (!writes.isEmpty()) target.bulkWrite(writes);
          for (int index = 0; index < writes.size(); index++) done();
          committer.markBatchFinished();
        }).build()) {
      say("{\"event\":\"opened\"}");
      engine.run();
    }
    System.exit(1);
  }

  static void done() {
    long count = order.get("count").asLong();
    handled++;
    if (handled == 1) {
      began = System.nanoTime();
      say("{\"event\":\"begun\"}");
    }
    if (handled == (count * 9 + 9) / 10)
      say("{\"event\":\"timed\",\"changes\":" + (handled - 1) + ",\"ms\":" + (System.nanoTime() - began) / 1e6 + "}");
    if (handled == count) say("{\"event\":\"done\"}");
  }

  static void say(String line) {
    System.out.println(line);
    System.out.flush();
  }

  static void endWithParent() {
    try {
      while (System.in.read() != -1) {}
    } catch (java.io.IOException gone) {
      // As good as its end.
    }
    Runtime.getRuntime().halt(3);
  }

  /** Saved positions, in memory, of which the first is where the backlog begins. */
  public static class Begin extends MemoryOffsetBackingStore {
    @Override
    public void configure(WorkerConfig config) {
      super.configure(config);
      String offset = "{\"sec\":" + order.get("seconds").asLong() + ",\"ord\":1,\"transaction_id\":null,\"resume_token\":\""
          + order.get("token").asText() + "\"}";
      data.put(bytes("[\"bench\",{\"server_id\":\"bench\"}]"), bytes(offset));
    }

    @Override
    public Set<Map<String, Object>> connectorPartitions(String connector) {
      return Set.of();
    }

    static ByteBuffer bytes(String text) {
      return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }
  }
}
