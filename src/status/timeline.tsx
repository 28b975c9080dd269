/** What happened to an order, line by line. */
import { describeReason } from "../domain/reasons.ts";
import type { Rules } from "../domain/rules.ts";
import { formatNumber } from "../lib/format.ts";
import { Time } from "./parts.tsx";
import type { DetailView } from "./view.ts";

export function Timeline({ order, rules, now }: { order: DetailView; rules: Rules; now: number }) {
  return (
    <section aria-labelledby="timeline">
      <h2 id="timeline">Timeline</h2>
      <ol class="timeline">
        {order.history.map((entry) => (
          <li class={entry.what}>
            <Time at={entry.at} seconds />
            <p>{describeEntry(entry, rules)}</p>
          </li>
        ))}
        {order.heldUntil && Date.parse(order.heldUntil) > now && (
          <li class="ahead">
            <Time at={order.heldUntil} seconds />
            <p>Scheduled.</p>
          </li>
        )}
      </ol>
    </section>
  );
}

type Entry = DetailView["history"][number];

function describeEntry({ what, reason, status, milliseconds, message, by }: Entry, rules: Rules): string {
  const operator = by ?? "an operator";
  const why = reason ? ` ${describeReason(reason, rules)}` : "";
  switch (what) {
    case "received":
      return "Received from Segment.";
    case "undated":
      return "No time of the event can be used, so the time of its arrival counts.";
    case "address-in-id":
      return "The order id contains an e-mail address, which stays here, in KV and at Trustpilot for ever: send an id that says nothing about a person.";
    case "duplicate":
      return "Received again: suppressed as a duplicate.";
    case "attempt": {
      const answer = status === null || status === undefined ? "no answer" : `answer ${status}`;
      const time = milliseconds === undefined ? "" : ` after ${formatNumber(milliseconds)} ms`;
      const words = message === undefined ? "" : ` “${message}”`;
      return `Sent to Trustpilot: ${answer}${time}.${words}${why}`;
    }
    case "cancel-noted":
      return `Cancelled while the request was in flight: this counts only if the attempt fails.${why}`;
    case "held":
      return `Released by ${operator}.`;
    case "sending":
      return "Being sent.";
    case "invited":
      if (reason === "operator") return `Marked as sent by ${operator}.`;
      return reason === "reviewed" ? `Invited.${why}` : "Invited.";
    case "failed":
      return `Failed.${why}`;
    case "unknown":
      return `Unknown.${why}`;
    case "cancelled":
      return reason === "operator" ? `Cancelled by ${operator}.` : `No invitation:${why}`;
    case "skipped":
      return `Skipped.${why}`;
    case "rejected":
      return `Received from Segment and rejected.${why}`;
  }
}
