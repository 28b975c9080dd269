/** What makes a shop's orders the same orders, beside their ids: changed in place, every known order would look new. */
export interface ShopRecord {
  /** `null` for the default shop. */
  shop: string | null;
  /** How many ledgers the shop has. */
  ledgers: number;
  jurisdiction: string | null;
  /** Of the ledgers' names and of how an order id is read. */
  format: number;
}

/** The last export that covered every ledger of every shop. */
export interface LastExport {
  /** In ms. */
  at: number;
  /** Whether the Worker was fenced: nothing was taken or sent since. */
  fenced: boolean;
}

/** This version's format. A new one would get names of its own: see docs/storage.md. */
export const FORMAT = 1;

/** Why a shop that is `recorded` must not work as `configured`, with what to do; `null` when it may. */
export function conflictOf(recorded: ShopRecord, configured: ShopRecord): string | null {
  if (recorded.format !== configured.format)
    return `Its format is ${recorded.format}, this version's is ${configured.format}. Deploy the version that it was started with.`;
  const wrong =
    recorded.ledgers === configured.ledgers
      ? differing("JURISDICTION", recorded.jurisdiction, configured.jurisdiction)
      : differing("LEDGERS", recorded.ledgers, configured.ledgers);
  return wrong && `${wrong} To change it, see docs/storage.md#backups-and-moves.`;
}

function differing(
  setting: string,
  recorded: string | number | null,
  configured: string | number | null,
): string | null {
  if (recorded === configured) return null;
  const before = recorded === null ? "without it" : `with "${recorded}"`;
  const fix = recorded === null ? "Remove it" : `Set it to "${recorded}"`;
  return `${setting} is ${configured === null ? "not set" : `"${configured}"`}, but orders have been recorded ${before}: each of them would look new and be invited again. ${fix} again.`;
}
