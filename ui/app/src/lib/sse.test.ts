import { expect, it } from "vitest";
import { messagesOf, type Message } from "./sse";

async function read(...pieces: string[]): Promise<(Message | null)[]> {
  const encoder = new TextEncoder();
  const stream = new ReadableStream<Uint8Array>({
    start(control) {
      pieces.forEach((piece) => control.enqueue(encoder.encode(piece)));
      control.close();
    },
  });
  return Array.fromAsync(messagesOf(stream));
}

it("reads messages that are cut anywhere", async () => {
  expect(await read("id: 4\neve", "nt: reads\nda", "ta: {}\n", "\n")).toEqual([{ id: "4", event: "reads", data: "{}" }]);
});

it("keeps the last id for messages without one, and joins data lines", async () => {
  const all = await read("id: 4\ndata: a\ndata: b\n\nevent: banner\ndata: null\n\n");
  expect(all).toEqual([
    { id: "4", event: "message", data: "a\nb" },
    { id: "4", event: "banner", data: "null" },
  ]);
});

it("hears comments without taking them for news", async () => {
  expect(await read(": still here\n\n", "retry: 2000\n\n")).toEqual([null]);
});
