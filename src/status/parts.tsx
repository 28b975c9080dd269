/** Small pieces of the pages. */
import type { Child } from "hono/jsx";
import type { OrderState } from "../domain/order.ts";
import { formatTime } from "../lib/format.ts";
import { STATE_LABELS } from "./words.ts";

/** @param at ms or ISO 8601 */
export function Time({ at, seconds }: { at: number | string; seconds?: boolean }) {
  return (
    <time datetime={new Date(at).toISOString()} data-seconds={seconds && ""}>
      {`${formatTime(at, "UTC", seconds)} UTC`}
    </time>
  );
}

/** A state as a word; the colour only repeats it. */
export function Badge({ state }: { state: OrderState }) {
  return <span class={`badge ${state}`}>{STATE_LABELS[state]}</span>;
}

/** Shown after an action; a screen reader reads it first. */
export function Notice({ kind, children }: { kind: "done" | "problem"; children?: Child }) {
  return (
    <p class={`notice ${kind}`} role={kind === "done" ? "status" : "alert"}>
      {children}
    </p>
  );
}

/** Copies the text of the element `of`; shown only where a script can do it. */
export function CopyButton({ of, what }: { of: string; what: string }) {
  return (
    <button class="quiet" type="button" data-copy={of} aria-label={`Copy ${what}`} hidden>
      Copy
    </button>
  );
}

/** A date field. @param moment the current value: a day, or the moment at which it begins or ends */
export function DayField({ name, label, id, moment, required }: DayFieldProps) {
  return (
    <p class="field">
      <label for={id}>{label}</label>
      <input
        id={id}
        name={name}
        type="date"
        value={moment?.slice(0, 10)}
        data-moment={moment?.includes("T") ? moment : undefined}
        required={required}
      />
    </p>
  );
}

interface DayFieldProps {
  name: "from" | "to";
  label: string;
  id: string;
  moment?: string | undefined;
  required?: boolean;
}
