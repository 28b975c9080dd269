/** Which orders of a shop are left out: cancelled, refunded and unpaid ones. They are counted by reason. */
import { UserError } from "../lib/command.ts";
import { EXPORTS, fold, type ExportName } from "./exports.ts";
import type { Fields } from "./fields.ts";

/** The statuses that are invited, folded; `null` when every order is. */
export type Invited = ReadonlySet<string> | null;

/** @param statuses `--statuses`: the shop's own words @param hasColumn whether the file has a status */
export function invitedStatuses(
  statuses: string | undefined,
  from: ExportName | null,
  hasColumn: boolean,
): Invited {
  if (statuses === undefined)
    return from === null || !hasColumn ? null : new Set(EXPORTS[from].invited.map(fold));
  if (!hasColumn) throw new UserError('--statuses needs a column of statuses: --map status="…"');
  return new Set(statuses.split(",").map(fold));
}

/** @returns why the order is left out, or `null` */
export function leftOut({ status, cancelled }: Fields, invited: Invited): string | null {
  if (invited === null) return null;
  if (cancelled !== undefined) return "cancelled";
  if (status === undefined) return "without a status";
  const written = typeof status === "string" ? status : JSON.stringify(status);
  // WooCommerce's own database has "wc-completed".
  if (invited.has(fold(written)) || invited.has(fold(written.replace(/^wc-/i, "")))) return null;
  return `status "${written.slice(0, LONGEST_STATUS)}"`;
}

const LONGEST_STATUS = 40;
