/** The answer to "Was this order invited?" in one sentence. */
import type { Child } from "hono/jsx";
import type { Rules } from "../domain/rules.ts";
import type { Pause } from "../ledger/pause.ts";
import { quantity } from "./format.ts";
import { Time } from "./parts.tsx";
import type { DetailView } from "./view.ts";

interface AnswerProps {
  order: DetailView;
  /** What keeps the order's ledger from sending. */
  pause: Pause | null;
  rules: Rules;
  /** In ms. */
  now: number;
}

export function OrderAnswer({ order, pause, rules, now }: AnswerProps) {
  const { state, reason, explanation, trustpilotMessage, updated } = order;
  switch (state) {
    case "invited":
      return (
        <Sentence word="Yes.">
          {INVITED[reason ?? ""] ?? "Trustpilot created the invitation on "}
          <Time at={updated} />. Trustpilot itself waits before it sends the e-mail: 7 days, unless that is
          changed there.
        </Sentence>
      );
    case "sending":
      return <Sentence word="In a moment.">The request to Trustpilot is under way.</Sentence>;
    case "held":
      return <NotYet order={order} pause={pause} rules={rules} now={now} />;
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
      return <Sentence word="No, it was skipped.">{explanation}</Sentence>;
    case "rejected":
      return <Sentence word="No, it was rejected.">{explanation}</Sentence>;
  }
}

const INVITED: Partial<Record<string, string>> = {
  operator: "An operator marked it as sent on ",
  sent_by_email: "Sent to Trustpilot by e-mail, which Trustpilot does not confirm, on ",
};

function NotYet({ order: { heldUntil, attempts }, pause, rules, now }: AnswerProps) {
  if (Date.parse(heldUntil!) <= now) {
    return (
      <Sentence word="Not yet.">
        {pause ? PAUSED[pause.kind] : "It is due and goes out in a moment."}
      </Sentence>
    );
  }
  return (
    <Sentence word="Not yet.">
      {attempts === 0 ? "It waits until " : `Attempt ${attempts} failed; the next one is on `}
      <Time at={heldUntil!} />
      {attempts === 0 && rules.holdDays > 0
        ? `: ${quantity(rules.holdDays, "day")} after the order (HOLD_DAYS).`
        : "."}
    </Sentence>
  );
}

const PAUSED: Record<Pause["kind"], string> = {
  blocked: "Trustpilot has disabled the integration for this shop. The overview says what to do.",
  allowance: "This month's invitations are used up: it goes out next month.",
  rateLimited: "Trustpilot asked to wait. It goes out by itself.",
  outage: "Trustpilot does not work at the moment. The overview says more; it goes out by itself.",
  operator: "An operator has paused sending. It goes out when sending is resumed.",
  fenced: "This Worker is being moved to another one.",
  imported: "A backup was imported here. It goes out when sending is resumed.",
  misconfigured: "A setting is wrong. The overview says which.",
  unavailable: "A part of this Worker does not answer at the moment. It goes out by itself.",
};

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
