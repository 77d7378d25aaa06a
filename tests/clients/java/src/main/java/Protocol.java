import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;

/** The client side of the suite's line protocol (see ../README.md). */
final class Protocol {
  /** An operation: the request's fields in, the result out. */
  interface Operation {
    Object run(JsonObject fields) throws Exception;
  }

  /** The library has no such function. */
  static final class Unsupported extends Exception {
    private static final long serialVersionUID = 1;

    Unsupported(String reason) {
      super(reason);
    }
  }

  private static final Gson GSON = new GsonBuilder().serializeNulls().disableHtmlEscaping().create();
  private static final PrintStream OUT = new PrintStream(System.out, false, StandardCharsets.UTF_8);
  private static final BufferedReader LINES =
      new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));

  private Protocol() {}

  static String toWire(byte[] data) {
    return data == null ? null : Base64.getEncoder().encodeToString(data);
  }

  static byte[] fromWire(JsonElement text) {
    return text.isJsonNull() ? null : Base64.getDecoder().decode(text.getAsString());
  }

  static void say(String name, Object value) {
    JsonObject answer = new JsonObject();
    answer.add(name, GSON.toJsonTree(value));
    say(answer);
  }

  static void say(Map<String, Object> fields) {
    say((JsonObject) GSON.toJsonTree(fields));
  }

  private static synchronized void say(JsonObject answer) {
    OUT.println(GSON.toJson(answer));
    OUT.flush();
  }

  /** A flag that is set when the next line of stdin has come. */
  static AtomicBoolean atNextLine() {
    AtomicBoolean came = new AtomicBoolean();
    Thread waiting = new Thread(() -> {
      try {
        LINES.readLine();
      } catch (IOException closed) {
        // The end of stdin ends whatever waits for a line.
      }
      came.set(true);
    });
    waiting.setDaemon(true);
    waiting.start();
    return came;
  }

  /** Answers requests until stdin ends. */
  static void serve(Map<String, Operation> operations) throws Exception {
    for (String line = LINES.readLine(); line != null; line = LINES.readLine()) {
      JsonObject request = JsonParser.parseString(line).getAsJsonObject();
      Operation operation = operations.get(request.get("op").getAsString());
      try {
        if (operation == null) {
          throw new Unsupported("the library has no such function");
        }
        say("ok", operation.run(request));
      } catch (Unsupported reason) {
        say("unsupported", reason.getMessage());
      } catch (Exception error) {
        say("error", error.toString());
      }
    }
  }
}
