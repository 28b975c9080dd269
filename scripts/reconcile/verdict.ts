/**
 * What Trustpilot's list says about the orders here. Pure.
 *
 * Listed means created. Not listed means not created only when the list is complete for every day on which a request
 * may have been there, and at least a day newer. A list that was filtered or cut off must not mislead: it counts as
 * complete for a day only if it holds every order that was invited from here on that day.
 */
import { DAY } from "../../src/lib/time.ts";
import type { InvitationList } from "./invitation-list.ts";
import type { OrderHere, UnknownOrder } from "./orders-here.ts";
import { referenceKey } from "./reference-key.ts";

export interface Findings {
  /** Listed, and not invited here yet: to be marked as sent. */
  created: OrderHere[];
  /** Unknown here, and certainly not created. */
  notCreated: UnknownOrder[];
  /** Unknown here, and the list does not decide. */
  undecided: { order: OrderHere; why: string }[];
  /** References in the list that no order here has. */
  listedOnly: string[];
  /** Invited here and, although the list covers that day, not listed. */
  hereOnly: OrderHere[];
  /** Listed, and cancelled or skipped here. */
  endedHere: OrderHere[];
}

/** @param here all orders of the time that the list covers @param unknown all unknown orders */
export function judge(
  list: InvitationList,
  here: readonly OrderHere[],
  unknown: readonly UnknownOrder[],
): Findings {
  const orders = new Map([...here, ...unknown].map((order) => [order.orderId, order]));
  const keys = Map.groupBy(orders.values(), ({ orderId }) => referenceKey(orderId));
  const isListed = ({ orderId }: OrderHere) => list.invitations.has(referenceKey(orderId));
  const isAlone = ({ orderId }: OrderHere) => keys.get(referenceKey(orderId))!.length === 1;
  const listed = [...orders.values()].filter(isListed);
  const judgeDays = dayJudge(list, here);
  const findings: Findings = {
    created: listed.filter((order) => OPEN.has(order.state) && isAlone(order)),
    notCreated: [],
    undecided: [],
    listedOnly: [],
    hereOnly: here.filter(
      (order) => isSentFromHere(order) && !isListed(order) && covers(list, order.updated),
    ),
    endedHere: listed.filter(({ state, reason }) => isEnded(state, reason)),
  };
  for (const order of unknown) {
    const why = isListed(order) ? (isAlone(order) ? null : SHARED) : judgeDays(order);
    if (why !== null) findings.undecided.push({ order, why });
    else if (!isListed(order)) findings.notCreated.push(order);
  }
  // A rejected order is not recorded in a way that keeps another integration's invitation in mind.
  const isKnown = (key: string) => keys.get(key)?.some(({ state }) => state !== "rejected") ?? false;
  for (const [key, { reference }] of list.invitations) if (!isKnown(key)) findings.listedOnly.push(reference);
  return findings;
}

/** The states in which an invitation may still go out from here, or may have gone out. */
const OPEN = new Set(["held", "failed", "unknown"]);

const SHARED = "Another order has the same reference number at Trustpilot.";

/** An operator's mark says nothing about the day. */
function isSentFromHere({ state, reason }: OrderHere): boolean {
  return state === "invited" && reason === null;
}

function isEnded(state: string, reason: string | null): boolean {
  return (state === "skipped" && reason !== "already_invited") || state === "cancelled";
}

function covers({ first, last }: InvitationList, time: number): boolean {
  return dayOf(first) <= dayOf(time) && dayOf(time) <= dayOf(last);
}

/** @returns why the list does not decide about an unknown order that it does not hold, or `null` when it does */
function dayJudge(list: InvitationList, here: readonly OrderHere[]): (order: UnknownOrder) => string | null {
  const sent = here.filter(isSentFromHere);
  const isAbsent = ({ orderId }: OrderHere) => !list.invitations.has(referenceKey(orderId));
  const byDay = Map.groupBy(sent, ({ updated }) => dayOf(updated));
  const matches = sent.some((order) => !isAbsent(order));
  return ({ attempts, canBeSent }) => {
    if (list.mangled.length > 0)
      return "A spreadsheet has changed reference numbers in the list: export it again.";
    if (attempts.length === 0) return "Its history does not say when it was sent.";
    for (const { from, to } of attempts) {
      if (!covers(list, from))
        return `The list begins on ${dayOf(list.first)} and ends on ${dayOf(list.last)}.`;
      if (list.last < to + DAY)
        return `The list ends ${minuteOf(list.last)}; it has to be a day newer than the order.`;
      for (let time = from; dayOf(time) <= dayOf(to); time += DAY) {
        const orders = byDay.get(dayOf(time)) ?? [];
        const absent = orders.filter(isAbsent).length;
        if (absent > 0)
          return `The list is not complete for ${dayOf(time)}: it lacks ${absent} of ${orders.length} orders invited from here.`;
      }
    }
    if (!matches) return "The list holds none of the orders that were invited from here.";
    return canBeSent ? null : "It was not created, but what a second try needs has been erased.";
  };
}

function dayOf(time: number): string {
  return Number.isFinite(time) ? new Date(time).toISOString().slice(0, 10) : "–";
}

function minuteOf(time: number): string {
  return Number.isFinite(time) ? `${new Date(time).toISOString().slice(0, 16).replace("T", " ")} UTC` : "–";
}
