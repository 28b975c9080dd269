/** Whether every order ended as it may: pure, so that the judge can itself be tested. */
import { countEach } from "../lib/count-each.ts";
import type { StoredOrder } from "../lib/ledger-files.ts";

export interface Verdict {
  /** How many orders ended in each state. */
  ends: Record<string, number>;
  /** One sentence for each fault; empty means a pass. */
  problems: string[];
}

/** How many invitations Trustpilot may have created for an order that ended like this: least and most. */
const MAY_HAVE_CREATED: Record<string, readonly [least: number, most: number]> = {
  invited: [1, 1],
  failed: [0, 0],
  unknown: [0, 1],
};

/**
 * @param sent the order ids that were delivered
 * @param stored what the ledgers hold
 * @param created the reference id of each invitation that Trustpilot created
 * @param accepted the order id of each `accepted` that was answered
 */
export function judge(
  sent: readonly string[],
  stored: readonly StoredOrder[],
  created: readonly string[],
  accepted: readonly string[],
): Verdict {
  const ends: Record<string, number> = {};
  const problems: string[] = [];
  const rows = new Map(stored.map((row) => [row.orderId, row]));
  const [creations, acceptances] = [countEach(created), countEach(accepted)];

  for (const orderId of sent) {
    const row = rows.get(orderId);
    const times = creations.get(orderId) ?? 0;
    if (!row) {
      problems.push(`${orderId} was delivered and is in no ledger.`);
      continue;
    }
    ends[row.state] = (ends[row.state] ?? 0) + 1;
    const range = MAY_HAVE_CREATED[row.state];
    if (!range) problems.push(`${orderId} has no end: it is ${row.state}.`);
    else if (times < range[0] || times > range[1]) {
      problems.push(`${orderId} is ${row.state}, and Trustpilot created ${times} invitations for it.`);
    }
    if (row.state === "invited" && row.personal === 1) problems.push(`${orderId} kept its personal data.`);
    if ((acceptances.get(orderId) ?? 0) > 1) problems.push(`${orderId} was accepted more than once.`);
  }
  const known = new Set(sent);
  for (const orderId of new Set([...rows.keys(), ...created])) {
    if (!known.has(orderId)) problems.push(`${orderId} was never delivered.`);
  }
  return { ends, problems };
}
