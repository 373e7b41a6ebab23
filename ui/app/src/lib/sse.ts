// Server-sent events (WHATWG HTML, section 9.2.6) out of a fetched body. EventSource would do the
// same, but cannot say on its first request where the board that it continues was taken.
import { linesOf } from "./lines";

export type Message = { id: string | null; event: string; data: string };

export async function* messagesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<Message | null> {
  let id: string | null = null;
  let event = "message";
  let data: string[] = [];
  for await (const line of linesOf(stream)) {
    if (line === "") {
      if (data.length) yield { id, event, data: data.join("\n") };
      event = "message";
      data = [];
    } else if (line.startsWith(":")) {
      yield null; // a comment: nothing happened, but the hub is there
    } else {
      const [field, value] = parted(line);
      if (field === "id") id = value;
      if (field === "event") event = value;
      if (field === "data") data.push(value);
    }
  }
}

function parted(line: string): [string, string] {
  const colon = line.indexOf(":");
  if (colon < 0) return [line, ""];
  return [line.slice(0, colon), line.slice(colon + 1).replace(/^ /, "")];
}
