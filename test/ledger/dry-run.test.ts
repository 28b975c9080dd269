import { expect, it } from "vitest";
import example from "../../examples/order-completed.json";
import { configure, kvSays, listen, rowOf, runAlarm, useLedger } from "../support/ledger.ts";
import { sendEvent } from "../support/segment.ts";
import { requestsFor } from "../support/stand-in.ts";
import { TRANSPORT_CASES } from "../support/transports.ts";

useLedger();

const ORDER_ID = example.properties.order_id;

it("DRY_RUN does everything but the request, and shows without personal data what would have been sent", async () => {
  const lines = listen();
  expect((await sendEvent(example)).answer.outcome).toBe("accepted");
  await configure(ORDER_ID, { DRY_RUN: "true", TRUSTPILOT_API_URL: "http://127.0.0.1:1/api" });
  await runAlarm(ORDER_ID);

  expect(await requestsFor(ORDER_ID)).toHaveLength(0);
  expect(await rowOf(ORDER_ID)).toMatchObject({ state: "skipped", reason: "dry_run", personal: null });
  await expect.poll(() => kvSays(ORDER_ID)).toContain("skipped");
  expect((await sendEvent(example)).answer.outcome).toBe("duplicate");
  const [shown] = lines().filter(({ log }) => log === "dry-run");
  expect(shown).toMatchObject({ orderId: ORDER_ID, invitation: { referenceId: "…", totalCost: "…" } });
  expect(shown).not.toMatchObject({ invitation: { products: expect.any(Array) } });
  expect(JSON.stringify(lines())).not.toMatch(/test@example\.com|John|27\.5|Monopoly|https?:/);
});

it.each(TRANSPORT_CASES)(
  "with $name it logs names of fields and counts, never a value",
  async (transport) => {
    const lines = listen();
    await sendEvent(example);
    const products = {
      TRUSTPILOT_PRODUCT_TEMPLATE_ID: "507f191e810c19729de860eb",
      TRUSTPILOT_TAGS: "telltale",
    };
    await configure(ORDER_ID, { ...transport.env("key"), ...products, DRY_RUN: "true" });
    await runAlarm(ORDER_ID);
    const [shown] = lines().filter(({ log }) => log === "dry-run");
    const values = Object.values(shown!["invitation"] as object);
    expect(values.length).toBeGreaterThan(2);
    for (const value of values) if (typeof value !== "number") expect(value).toBe("…");
  },
);
