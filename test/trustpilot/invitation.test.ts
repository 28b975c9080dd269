import { env } from "cloudflare:workers";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import example from "../../examples/order-completed.json";
import { checkConfig } from "../../src/config/config.ts";
import type { Order } from "../../src/domain/order.ts";
import { parseEvent } from "../../src/segment/parse-event.ts";
import {
  toInvitation,
  withoutPersonalData,
  withProducts,
} from "../../src/trustpilot/integration-key/script-invitation.ts";
import { toReferenceId } from "../../src/trustpilot/reference-id.ts";
import { PLAIN_ORDER, SAMPLE_INVITATION } from "../support/events.ts";

const bare: Order = {
  ...PLAIN_ORDER,
  orderId: "1001",
  customer: { userId: "user-42", email: "jane@example.com" },
};

function orderOf(event: unknown): Order {
  const checked = checkConfig(env);
  if (!checked.ok) throw new Error("the tests' configuration is wrong");
  const reading = parseEvent(event, checked.config, Date.now());
  if (reading.kind !== "order") throw new Error(`an order was expected, not ${reading.kind}`);
  return reading.order;
}

describe("an order as an invitation", () => {
  it("is, for Segment's own example, exactly this", () => {
    expect(toInvitation(orderOf(example))).toEqual(SAMPLE_INVITATION);
  });

  it("has only what is required when the order says nothing more", () => {
    expect(toInvitation(bare)).toEqual({
      recipientEmail: "jane@example.com",
      recipientName: "",
      referenceId: "1001",
      source: "InvitationScript",
    });
  });

  it("keeps a total of zero", () => {
    expect(toInvitation({ ...bare, total: 0 })).toHaveProperty("totalCost", 0);
  });

  it("passes gtin, mpn, brand, manufacturer and description on, and no quantity", () => {
    const fields = {
      gtin: "4006381333931",
      mpn: "M-1",
      brand: "Acme",
      manufacturer: "Acme Works",
      description: "A thing",
    };
    const order = orderOf({
      ...example,
      properties: { ...example.properties, products: [{ ...fields, quantity: 3 }] },
    });
    expect(toInvitation(order).products).toEqual([fields]);
  });

  it("has one SKU for each product, in the same order, also for those that have none", () => {
    const products = [
      { sku: "A" },
      { productId: "2", name: "no sku" },
      { name: "neither" },
      { sku: "D", productId: "4" },
    ];
    expect(toInvitation({ ...bare, products }).productSkus).toEqual(["A", "2", "", "D"]);
  });

  it("names nothing of the customer beyond address and name", () => {
    expect(JSON.stringify(toInvitation(bare))).not.toContain("user-42");
  });
});

describe("the second post, after Trustpilot asked for products", () => {
  it("has both product fields even when the order has no products", () => {
    expect(withProducts(toInvitation(bare))).toEqual({
      ...toInvitation(bare),
      products: [],
      productSkus: [],
    });
  });

  it("is the same invitation when the products were sent already", () => {
    const invitation = toInvitation({ ...bare, products: [{ sku: "A" }] });
    expect(withProducts(invitation)).toEqual(invitation);
  });
});

describe("the reference id", () => {
  it.each([
    ["1001", "1001"],
    ["A-1/2 (b)", "A-1/2 (b)"],
    ["Bestellung Ä 7", "Bestellung Ä 7"],
    ["#1001", "1001"],
    ["10#01", "10-01"],
    ['1*2+3"4%5&6', "1-2-3-4-5-6"],
    ["1##&&2", "1-2"],
    ["1001#", "1001"],
    ["10\u000001\u2028x", "10-01-x"],
  ])("of %j is %j", (orderId, referenceId) => {
    expect(toReferenceId(orderId)).toBe(referenceId);
  });

  it("of an id with nothing left is still there, and another one for another id", () => {
    expect(toReferenceId("###")).toMatch(/^order-\d+$/);
    expect(toReferenceId("###")).not.toBe(toReferenceId("%%%"));
  });

  it("is never empty and never has a character that breaks the review link", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", minLength: 1 }), (orderId) => {
        expect(toReferenceId(orderId)).toMatch(/^[^#*+"%&\p{Cc}]+$/u);
      }),
    );
  });
});

describe("what a person may see of an invitation", () => {
  it("is everything but address and name", () => {
    const invitation = toInvitation(orderOf(example));
    const { recipientEmail: _email, recipientName: _name, ...rest } = invitation;
    expect(withoutPersonalData(invitation)).toEqual(rest);
    const shown = JSON.stringify(withoutPersonalData(invitation));
    for (const personal of ["test@example.com", "John", "Johnson"]) expect(shown).not.toContain(personal);
  });
});
