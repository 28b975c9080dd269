/** What the README says of the settings is what the code takes. */
import { describe, expect, it } from "vitest";
import readme from "../README.md?raw";
import { checkConfig, type Settings } from "../src/config/config.ts";

type Bindings = "ORDERS" | "LEDGER" | "AUDIENCES" | "ALLOWANCE" | "ALERTS" | "STATUS_LIMIT" | "SHOP";

/** Every setting with the default that the README gives; the type fails when one is added. */
const SETTINGS: Record<Exclude<keyof Settings, Bindings>, string | null> = {
  TRUSTPILOT_INTEGRATION_KEY: null,
  SEGMENT_SHARED_SECRET: null,
  SEGMENT_SHARED_SECRET_PREVIOUS: null,
  STATUS_PASSWORD: null,
  ALERT_WEBHOOK_URL: null,
  SHOP_ORIGIN: "",
  TRUSTPILOT_API_URL: "https://invitejs.trustpilot.com/api",
  INVITE_ON: "Order Completed",
  HOLD_DAYS: "0",
  MAX_ORDER_AGE_DAYS: "30",
  INVITE_ONE_IN: "1",
  EXCLUDE_AUDIENCES: "",
  REQUIRE_AUDIENCE: "",
  REQUIRE_CONSENT: "",
  MONTHLY_LIMIT: "",
  ON_UNKNOWN: "wait",
  DRY_RUN: "false",
  PUBLIC_URL: "",
  SHOPS: "",
  JURISDICTION: "",
};

describe("the README's table of settings", () => {
  it.each(Object.entries(SETTINGS))("has %s with its default", (name, fallback) => {
    const row = new RegExp(`^\\| \`${name}\` +\\|(.*)$`, "m").exec(readme)?.[1];
    expect(row).toBeDefined();
    if (fallback !== null) expect(row!.split("|")[0]!.trim()).toBe(fallback === "" ? "" : `\`${fallback}\``);
  });

  it("gives the defaults that the code has", () => {
    const key = { TRUSTPILOT_INTEGRATION_KEY: "abcdefghijklmnop" };
    const written = Object.fromEntries(Object.entries(SETTINGS).filter(([, fallback]) => fallback));
    expect(checkConfig({ ...key, ...written })).toEqual(checkConfig(key));
  });
});
