// Of which days the figures are: in the address bar, so that a page can be sent to a colleague.
import { dayOf, lastMonth, startOf, thisMonth } from "../../lib/days";
import { place } from "../../lib/place.svelte";
import { clock } from "../../live/clock.svelte";

export class Period {
  readonly months = [
    { value: "this", name: "This month", days: thisMonth(clock.now, clock.zone) },
    { value: "last", name: "Last month", days: lastMonth(clock.now, clock.zone) },
  ];

  /** With "ever", all days up to now are a choice, too, and the first. */
  constructor(from?: "ever") {
    const days = { since: "2000-01-01", until: dayOf(clock.now + 86_400_000, clock.zone) };
    if (from) this.months.unshift({ value: from, name: "All", days });
  }

  since = $derived(place.get("since") ?? this.months[0]!.days.since);
  until = $derived(place.get("until") ?? this.months[0]!.days.until);
  /** The moments at which they begin and end; the latter is not in it. */
  from = $derived(startOf(this.since, clock.zone));
  to = $derived(startOf(this.until, clock.zone));
  month = $derived(this.months.find(({ days }) => days.since === this.since && days.until === this.until)?.value ?? "");
}
