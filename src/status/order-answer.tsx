/** The answer to "Was this order invited?" in one sentence. */
import type { Child } from "hono/jsx";
import { endOf, type Pause } from "../domain/pause.ts";
import { quantity } from "../lib/format.ts";
import { Time } from "./parts.tsx";
import type { DetailView } from "./view.ts";
import { DRY_RUN, PAUSED } from "./words.ts";

interface AnswerProps {
  order: DetailView;
  /** What keeps the order's ledger from sending. */
  pause: Pause | null;
  dryRun: boolean;
  /** After how many days Trustpilot sends its e-mail, when it is told here. */
  mailedAfter: number | null;
  /** In ms. */
  now: number;
}

export function OrderAnswer(props: AnswerProps) {
  const { order, mailedAfter } = props;
  const { reviews, state, reason, explanation, trustpilotMessage, updated } = order;
  switch (state) {
    case "invited":
      if (reason === "reviewed") return <Sentence word="Yes.">{explanation}</Sentence>;
      return (
        <Sentence word="Yes.">
          {INVITED[reason ?? ""] ?? "Trustpilot created the invitation on "}
          <Time at={updated} />. {reviews.length === 0 && mailed(mailedAfter)}
        </Sentence>
      );
    case "sending":
      return <Sentence word="In a moment.">The request to Trustpilot is under way.</Sentence>;
    case "held":
      return <NotYet {...props} />;
    case "unknown":
      return (
        <Sentence word="Perhaps.">
          {explanation} {trustpilotMessage && <Quote>{trustpilotMessage}</Quote>}
        </Sentence>
      );
    case "failed":
      return (
        <Sentence word="No, it failed.">
          {explanation} {trustpilotMessage && <Quote>{trustpilotMessage}</Quote>}
        </Sentence>
      );
    case "cancelled":
      return (
        <Sentence word="No.">{reason === "operator" ? "An operator cancelled it." : explanation}</Sentence>
      );
    case "skipped":
      if (reason === "already_invited")
        return <Sentence word="Yes, but not from here.">{explanation}</Sentence>;
      return <Sentence word="No, it was skipped.">{explanation}</Sentence>;
    case "rejected":
      return <Sentence word="No, it was rejected.">{explanation}</Sentence>;
  }
}

/** @param after in days; `null` when Trustpilot decides */
function mailed(after: number | null): string {
  if (after === 0) return "Trustpilot sends the e-mail at once (TRUSTPILOT_SEND_AFTER_DAYS).";
  const days =
    after === null
      ? "7 days, unless that is changed there."
      : `${quantity(after, "day")} (TRUSTPILOT_SEND_AFTER_DAYS).`;
  return `Trustpilot itself waits before it sends the e-mail: ${days}`;
}

const INVITED: Partial<Record<string, string>> = {
  operator: "An operator marked it as sent on ",
  sent_by_email: "Sent to Trustpilot by e-mail, which Trustpilot does not confirm, on ",
};

function NotYet({ order: { heldUntil, attempts, waitingFor, invitation }, pause, dryRun, now }: AnswerProps) {
  const retries = attempts > 0 && invitation !== null;
  const due = Date.parse(heldUntil!);
  const paused = pause !== null && endOf(pause) > due && PAUSED[pause.kind];
  if (due <= now) {
    const going = dryRun ? DRY_RUN : "It is due and goes out in a moment.";
    return <Sentence word="Not yet.">{paused || going}</Sentence>;
  }
  return (
    <Sentence word="Not yet.">
      {retries ? `Attempt ${attempts} failed; the next one is on ` : "It waits until "}
      <Time at={heldUntil!} />
      {retries || waitingFor === null ? "." : `: ${waitingFor}.`} {dryRun ? DRY_RUN : paused}
    </Sentence>
  );
}

/** "Reviewed ★★★★★ on 3 Dec 2026, 10:00" */
export function ReviewNotes({ order: { reviews } }: Pick<AnswerProps, "order">) {
  return reviews.map(({ of, stars, at }) => (
    <p>
      {of === "product" ? "Product reviewed " : "Reviewed "}
      <Stars count={stars} /> on <Time at={at} />
    </p>
  ));
}

function Stars({ count }: { count: number }) {
  return (
    <span class="stars" role="img" aria-label={`${count} of 5 stars`}>
      {"★".repeat(count) + "☆".repeat(5 - count)}
    </span>
  );
}

/** Trustpilot's own words. */
function Quote({ children }: { children?: Child }) {
  return <>Trustpilot said: “{children}”.</>;
}

function Sentence({ word, children }: { word: string; children?: Child }) {
  return (
    <p class="lead">
      <strong>{word}</strong> {children}
    </p>
  );
}
