/** What the list says, and what was done, in words and numbers. */
import colors from "picocolors";
import { quantity } from "../../src/lib/format.ts";
import { printable } from "../lib/printable.ts";
import type { InvitationList } from "./invitation-list.ts";
import type { Done } from "./settle.ts";
import type { Findings } from "./verdict.ts";

/** How many order ids are named; the rest is a number. */
const NAMED = 10;

export function reportList(list: InvitationList, path: string): void {
  const { invitations, first, last, withoutReference, mangled } = list;
  const day = (time: number) => new Date(time).toISOString().slice(0, 10);
  console.log(
    `${printable(path)}: ${quantity(invitations.size, "invitation")}, ${day(first)} to ${day(last)} (UTC)`,
  );
  if (withoutReference > 0) console.log(`  ${quantity(withoutReference, "row")} without a reference number.`);
  if (mangled.length > 0)
    console.log(
      `  ${quantity(mangled.length, "reference number")} changed by a spreadsheet (first: line ${mangled[0]}).`,
    );
  console.log();
}

export function reportFindings(findings: Findings, sendMissing: boolean): void {
  const { created, notCreated, undecided, listedOnly, hereOnly, endedHere } = findings;
  const again = sendMissing ? "to be sent again" : "safe to send again: --send-missing";
  show(colors.green("created"), ids(created), "in the list and not invited here yet: to be marked as sent");
  show(colors.cyan("not created"), ids(notCreated), `unknown here and not in the list: ${again}`);
  for (const [why, group] of Map.groupBy(undecided, (each) => each.why))
    show(colors.yellow("unknown"), ids(group.map(({ order }) => order)), why);
  show(colors.cyan("listed only"), listedOnly, "not known here: to be recorded as already invited");
  show(colors.yellow("here only"), ids(hereOnly), "invited here and not in the list");
  show(colors.yellow("ended here"), ids(endedHere), "in the list, and cancelled or skipped here");
  const all = [created, notCreated, undecided, listedOnly, hereOnly, endedHere];
  if (all.every(({ length }) => length === 0)) console.log("  The list and the orders here agree.");
}

/** @returns the exit code */
export function reportDone({ markedAsSent, sentAgain, recorded, known, notDone }: Done): number {
  console.log();
  console.log(`${number(markedAsSent)} marked as sent, ${number(sentAgain)} sent again.`);
  if (recorded + known > 0)
    console.log(`${number(recorded)} recorded as already invited, ${number(known)} known before.`);
  for (const line of notDone.slice(0, NAMED)) console.log(`${colors.red("✘")} ${printable(line)}`);
  if (notDone.length > NAMED) console.log(`${colors.red("✘")} and ${number(notDone.length - NAMED)} more`);
  return notDone.length === 0 ? 0 : 1;
}

function show(label: string, orderIds: readonly string[], text: string): void {
  if (orderIds.length === 0) return;
  console.log(`  ${number(orderIds.length).padStart(9)}  ${label}  ${text}`);
  const more = orderIds.length > NAMED ? ` and ${number(orderIds.length - NAMED)} more` : "";
  console.log(colors.dim(`             ${printable(orderIds.slice(0, NAMED).join(", "))}${more}`));
}

function ids(orders: readonly { orderId: string }[]): string[] {
  return orders.map(({ orderId }) => orderId);
}

function number(value: number): string {
  return value.toLocaleString("en");
}
