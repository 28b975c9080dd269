/** The pure part of the Worker for the commands: see scripts/lib/rules.ts. */
import { checkConfig, type Config } from "../../src/config/config.ts";
import { problemsOf } from "../../src/config/check-shops.ts";
import { nameFor } from "../../src/config/problem.ts";
import { SETTINGS } from "../../src/config/settings.ts";
import { readShopTable } from "../../src/config/shop-settings.ts";
import { parseEvent } from "../../src/segment/parse-event.ts";
import { describeReason } from "../../src/domain/reasons.ts";
import type { Fate, Rules, Vars } from "../lib/rules.ts";

export const rules: Rules = {
  problemsOf(settings) {
    return [...problemsOf(settings)];
  },

  keysOf(settings) {
    const shops = [null, ...Object.keys(readShopTable(settings).shops)];
    return shops.map((shop) => nameFor(SETTINGS.trustpilot.integrationKey, shop));
  },

  fateOf(event, settings, now): Fate {
    const config = configOf(settings);
    const reading = parseEvent(event, config, now);
    switch (reading.kind) {
      case "order":
        return reading.skip === null
          ? { kind: "invited", reason: "" }
          : { kind: "skipped", reason: describeReason(reading.skip, config.rules) };
      case "skipped":
      case "rejected":
      case "ignored":
        return { kind: reading.kind, reason: reading.message };
      case "cancellation":
      case "membership":
      case "deletion":
        return { kind: "ignored", reason: `No order, but a ${reading.kind}: it would be carried out.` };
    }
  },
};

/** A million events are read with the same settings. */
let last: { settings: Vars; config: Config } | undefined;

function configOf(settings: Vars): Config {
  if (last?.settings === settings) return last.config;
  const checked = checkConfig(settings);
  if (!checked.ok) throw new TypeError("fateOf needs settings without problems");
  last = { settings, config: checked.config };
  return last.config;
}
