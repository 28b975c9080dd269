/** The ledgers of a shop that has as many as a Worker without LEDGERS. */
import { SETTINGS } from "../../src/config/settings.ts";
import * as shard from "../../src/domain/shard.ts";

const LEDGERS = SETTINGS.storage.ledgers.fallback;

export const ledgerName = (orderId: string) => shard.ledgerName(orderId, LEDGERS);
export const ledgerNames = () => shard.ledgerNames(LEDGERS);
