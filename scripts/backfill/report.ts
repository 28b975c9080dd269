/** The results in numbers. */
import colors from "picocolors";
import { printable } from "../lib/printable.ts";
import type { Totals } from "./journal.ts";
import type { Forecast } from "./forecast.ts";

const LABELS = {
  invited: colors.green("invited"),
  accepted: colors.green("accepted"),
  duplicate: colors.cyan("duplicate"),
  skipped: colors.yellow("skipped"),
  "left out": colors.yellow("left out"),
  repeated: colors.dim("repeated"),
  ignored: colors.dim("ignored"),
  rejected: colors.red("rejected"),
};

const NOTHING_LEFT =
  'Every order is left out. If the shop writes its statuses in another language, name those to invite: --statuses "…"';

/** @returns the exit code */
export function reportForecast(forecast: Forecast): number {
  for (const { kind, reason, orders, firstLine } of forecast) {
    show(kind, orders, `${TEXTS[kind] ?? reason}${kind === "rejected" ? ` (first: line ${firstLine})` : ""}`);
  }
  if (forecast.length > 0 && forecast.every(({ kind }) => kind === "left out"))
    console.log(`\n${NOTHING_LEFT}`);
  return forecast.some(({ kind }) => kind === "rejected") ? 1 : 0;
}

const TEXTS: Partial<Record<Forecast[number]["kind"], string>> = {
  invited: "unless they are already recorded",
  repeated: "rows of orders that stand further up: only adjacent rows become one order",
};

/** @param path of the input @returns the exit code */
export function reportTotals(totals: Totals, path: string): number {
  const { accepted, duplicate, ignored, rejected, skipped, leftOut } = totals;
  if (accepted > 0) show("accepted", accepted, "recorded; their invitations go out one after the other");
  if (duplicate > 0) show("duplicate", duplicate, "were known and stay as they are");
  for (const [reason, orders] of Object.entries(skipped)) show("skipped", orders, reason);
  for (const [reason, orders] of Object.entries(leftOut)) show("left out", orders, reason);
  if (ignored > 0) show("ignored", ignored, "no orders, or not the event of INVITE_ON");
  if (rejected > 0) show("rejected", rejected, `see ${path}.rejects.csv`);
  return rejected === 0 ? 0 : 1;
}

function show(label: keyof typeof LABELS, orders: number, text: string): void {
  console.log(`  ${orders.toLocaleString("en").padStart(11)}  ${LABELS[label]}  ${printable(text)}`);
}
