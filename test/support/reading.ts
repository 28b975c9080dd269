/** Reads events as the Worker would, without a Worker: for the tables of shapes. */
import { checkConfig, type Config } from "../../src/config/config.ts";
import type { Settings } from "../../src/config/settings.ts";
import { parseEvent } from "../../src/segment/parse-event.ts";
import type { ParsedEvent } from "../../src/segment/parsed-event.ts";

/** 2026-06-15T12:00:00Z */
export const NOON = Date.UTC(2026, 5, 15, 12);

export function configOf(settings: Settings = {}): Config {
  const checked = checkConfig({ TRUSTPILOT_INTEGRATION_KEY: "abc", ...settings });
  if (!checked.ok) throw new Error(checked.problems.map(({ message }) => message).join(" "));
  return checked.config;
}

export function read(event: unknown, settings: Settings = {}, now = NOON): ParsedEvent {
  return parseEvent(event, configOf(settings), now);
}

/** @throws unless `event` is read as an order */
export function readOrderOf(event: unknown, settings: Settings = {}) {
  const reading = read(event, settings);
  if (reading.kind !== "order") throw new Error(`not an order: ${JSON.stringify(reading)}`);
  return reading;
}
