// What a person does with an alert, said in a line, with the way back where there is one.
import { alerts, type Alert, type AlertVerb } from "../../api";
import { toasts } from "../../lib/toasts.svelte";
import { live } from "../../live/store.svelte";

const done: Record<AlertVerb, string> = {
  acknowledge: "Acknowledged. What was still to be sent is stopped.",
  verify: "Confirmed.",
  "mark-wrong": "Marked wrong and closed.",
  close: "Closed.",
  reopen: "Open again.",
};

/** True when the hub did it. The alert on the screen is the hub's answer, never a guess. */
export async function act(alert: Alert, verb: AlertVerb, more: Parameters<typeof alerts.act>[2] = {}): Promise<boolean> {
  try {
    live.putAlerts([await alerts.act(alert.id, verb, more)]);
    const ends = verb === "close" || verb === "mark-wrong";
    toasts.say(done[verb], ends ? () => void act(alert, "reopen") : undefined);
    return true;
  } catch (error) {
    toasts.fail(error);
    return false;
  }
}
