/** What a shop's source sends to Segment, and what becomes of it. */
import type { Order } from "../../src/domain/order.ts";

/** The smallest Order Completed that starts an invitation. @param properties overrides */
export function orderCompleted(properties: Record<string, unknown>, rest: Record<string, unknown> = {}) {
  return {
    type: "track",
    event: "Order Completed",
    properties: { email: "jane@example.com", ...properties },
    ...rest,
  };
}

/** What an order without anything optional is read as. */
export const PLAIN_ORDER = {
  email: "jane@example.com",
  name: "",
  total: null,
  currency: null,
  products: [],
  customer: {},
  orderedAt: null,
} satisfies Omit<Order, "orderId">;

/** examples/order-completed.json, Segment's own example, as an invitation of the Integration Key. */
export const SAMPLE_INVITATION = {
  recipientEmail: "test@example.com",
  recipientName: "John Johnson",
  referenceId: "50314b8e9bcf000000000000",
  source: "InvitationScript",
  totalCost: 27.5,
  currency: "USD",
  products: [
    {
      productId: "507f1f77bcf86cd799439011",
      sku: "45790-32",
      name: "Monopoly: 3rd Edition",
      price: 19,
      productUrl: "https://www.example.com/product/path",
      // The sample has https:///www.example.com: three slashes.
      imageUrl: "https://www.example.com/product/path.jpg",
      categories: ["Games"],
    },
    {
      productId: "505bd76785ebb509fc183733",
      sku: "46493-32",
      name: "Uno Card Game",
      price: 3,
      categories: ["Games"],
    },
  ],
  productSkus: ["45790-32", "46493-32"],
};
