/** What the JSON interface and the forms accept: the routes validate with it, and /openapi.json describes it. */
import * as v from "valibot";
import { ACTIONS } from "../domain/actions.ts";
import { ORDER_STATES, REASONS } from "../domain/order.ts";

const Moment = v.pipe(
  v.union([v.pipe(v.string(), v.isoDate()), v.pipe(v.string(), v.isoTimestamp())]),
  v.description("A day (UTC) or a time, ISO 8601. As an end, a day includes its last moment."),
);
/** An HTML form sends an empty field as an empty string. */
const Empty = v.literal("");

export const ListQuery = v.object({
  state: v.optional(v.union([v.picklist(ORDER_STATES), Empty])),
  reason: v.optional(v.union([v.picklist(REASONS), Empty])),
  from: v.optional(v.union([Moment, Empty])),
  to: v.optional(v.union([Moment, Empty])),
  id: v.optional(v.pipe(v.string(), v.description("What the order id begins with."))),
  cursor: v.optional(v.pipe(v.string(), v.description("`next` of another page: the orders before it."))),
  newer: v.optional(v.pipe(v.string(), v.description("`previous` of another page: the orders after it."))),
  limit: v.optional(
    v.pipe(
      v.string(),
      v.regex(/^(?:[1-9]\d?|100)?$/),
      v.description("1 to 100 orders a page; 25 without it."),
    ),
  ),
  format: v.optional(
    v.pipe(v.picklist(["json", "csv"]), v.description("`csv`: all orders that match, as a file.")),
  ),
});

/** What the figures of the overview cover: the last days, or all days from `first` to `last`. */
export const FiguresQuery = v.object({
  days: v.optional(v.picklist(["7", "30", "90"])),
  first: v.optional(v.union([v.pipe(v.string(), v.isoDate()), Empty])),
  last: v.optional(v.union([v.pipe(v.string(), v.isoDate()), Empty])),
});

export const OrderId = v.object({ id: v.pipe(v.string(), v.description("The order id, URL-encoded.")) });
export const OrderAction = v.object({ ...OrderId.entries, action: v.picklist(ACTIONS) });
export const Period = v.object({ from: Moment, to: Moment });

export const ByEmail = v.object({
  email: v.pipe(v.string(), v.trim(), v.minLength(3), v.maxLength(320), v.includes("@")),
});
export const FIND_IS_OFF = 'Orders are not found by e-mail here: set FIND_BY_EMAIL = "true".';

export const Pausing = v.object({
  reason: v.pipe(
    v.string(),
    v.trim(),
    v.minLength(1),
    v.maxLength(200),
    v.description("Shown to other operators. Do not name customers."),
  ),
  until: v.optional(v.union([Moment, Empty])),
  shops: v.optional(v.pipe(v.literal("all"), v.description("Pause every shop, not only this one."))),
});

export const UnknownDecision = v.object({
  ...Period.entries,
  decision: v.pipe(
    v.picklist(["mark-sent", "send-again"]),
    v.description("`send-again`: each customer may get a second invitation."),
  ),
  confirm: v.optional(
    v.pipe(v.literal("yes"), v.description("Required to send again: second invitations are accepted.")),
  ),
});
