// What a person does with a request, said in a line, with the way back where there is one.
import * as api from "../../api/requests";
import { toasts } from "../../lib/toasts.svelte";
import { requestDesk } from "./desk.svelte";

const done: Record<string, string> = {
  tie: "Tied.",
  answer: "Answered.",
  cancel: "Cancelled.",
  reopen: "Open again.",
  note: "Noted.",
  attach: "Attached.",
  detach: "Taken away.",
  review: "Reviewed.",
};

/** The request as the hub has it now; null where it refused. */
export async function act(id: string, verb: string, body: object = {}, onchange: (request: api.Request) => void = () => undefined): Promise<api.Request | null> {
  try {
    const request = await api.act(id, verb, body);
    requestDesk.put(request);
    onchange(request);
    const ends = verb === "answer" || verb === "cancel";
    toasts.say(`${id}: ${done[verb]}`, ends ? () => void act(id, "reopen", {}, onchange) : undefined);
    return request;
  } catch (error) {
    toasts.fail(error);
    return null;
  }
}
