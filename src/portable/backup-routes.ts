/**
 * `POST /ledger/…`: what `npm run ledger` needs for backups and moves. The routes do not exist until LEDGER_SECRET is
 * set, and accept nothing else: no password and no Access identity. Every call may be repeated.
 */
import { Hono } from "hono/tiny";
import { HTTPException } from "hono/http-exception";
import { timingSafeEqual } from "hono/utils/buffer";
import * as v from "valibot";
import {
  callAllowance,
  callAudiences,
  callLedger,
  callLedgers,
  callRegistry,
  ledgersOf,
} from "../bindings/objects.ts";
import { readShops } from "../bindings/shops.ts";
import { hasAudienceRule } from "../domain/audience-rule.ts";
import { ledgerNames } from "../domain/shard.ts";
import { reportRejections } from "../intake/rejection-reports.ts";
import { logRequestError } from "../intake/request-error.ts";
import { absorb, restore } from "./absorb.ts";
import { HASH } from "./backup-format.ts";
import { shopNamed, sumOf, type BackupApp, type ShopLedgers } from "./shop-ledgers.ts";
import { Fenced, Import, ImportEnd, Part, PersonalImport } from "./requests.ts";

const WRONG = { message: "LEDGER_SECRET is wrong." };

export const portable = new Hono<BackupApp>({ strict: false }).basePath("/ledger");

portable.use(async (c, next) => {
  const checked = readShops(c.env);
  if (!checked.ok) return c.json({ message: "The Worker is not set up: see /health." }, 503);
  const { ledgerSecret } = checked.shops[0].config.storage;
  // Of the whole Worker, not of one shop.
  if (ledgerSecret === null || c.env.SHOP !== undefined) return c.json({ message: "Not found." }, 404);
  const presented = /^Bearer (.+)$/i.exec(c.req.header("Authorization") ?? "")?.[1] ?? "";
  if (!(await timingSafeEqual(presented, ledgerSecret))) {
    logRequestError(401, "LEDGER_SECRET is wrong");
    const rejected = { count: 1, reason: WRONG.message };
    reportRejections("unauthenticated", rejected, c.env, (work) => c.executionCtx.waitUntil(work));
    c.header("WWW-Authenticate", "Bearer");
    return c.json(WRONG, 401);
  }
  c.set("shops", checked.shops);
  return next();
});

/** What there is to export, and whether anything is accepted or sent. */
portable.post("/state", async (c) => {
  const shops = await Promise.all(
    c.var.shops.map(async (shop): Promise<ShopLedgers> => {
      const states = await Promise.all(callLedgers(shop.env, (ledger) => ledger.transfer().state()));
      return {
        shop: shop.name,
        ledgers: states.length,
        fenced: states.every(({ fenced }) => fenced),
        paused: states.some(({ paused }) => paused),
        sending: sumOf(states, ({ sending }) => sending),
        orders: sumOf(states, ({ orders }) => orders),
      };
    }),
  );
  return c.json({ hash: HASH, orders: sumOf(shops, ({ orders }) => orders), shops });
});

for (const on of [true, false]) {
  portable.post(on ? "/fence" : "/unfence", async (c) => {
    // The audiences first: an opt-out that they do not take is sent again, one that they took would be left behind.
    await callAudiences(c.var.shops[0].env, (audiences) => audiences.fence(on));
    const sending = await Promise.all(
      c.var.shops.map(async (shop) =>
        sumOf(
          await Promise.all(callLedgers(shop.env, (ledger) => ledger.transfer().setFence(on))),
          (out) => out,
        ),
      ),
    );
    return c.json({ fenced: on, sending: sumOf(sending, (out) => out) });
  });
}

portable.post("/export/:what{orders|counts|personal}", async (c) => {
  const { shop, ledger, after } = v.parse(Part, await c.req.json());
  const { env } = shopNamed(c.var.shops, shop);
  const name = ledgerNames(ledgersOf(env))[ledger];
  if (name === undefined) return c.json({ message: "There is no such ledger." }, 400);
  const what = c.req.param("what") as "orders" | "counts" | "personal";
  return c.json(await callLedger(env, name, (stub) => stub.transfer()[what](shop, after)));
});

portable.post("/export/allowance", async (c) => {
  const { shop } = v.parse(Part, await c.req.json());
  const counted = await callAllowance(shopNamed(c.var.shops, shop).env, (allowance) => allowance.counted());
  return c.json({
    lines: counted.map((each) => JSON.stringify({ kind: "allowance", shop, ...each })).join("\n"),
    next: null,
  });
});

portable.post("/export/audiences", async (c) => {
  const { after } = v.parse(Part, await c.req.json());
  const { members, next } = await callAudiences(c.var.shops[0].env, (audiences) => audiences.page(after));
  return c.json({
    lines: members.map((each) => JSON.stringify({ kind: "audience", ...each })).join("\n"),
    next,
  });
});

portable.post("/export/audience-key", async (c) => {
  return c.json({ key: await callAudiences(c.var.shops[0].env, (audiences) => audiences.key()) });
});

/** The backup is complete: for the page and the doctor. */
portable.post("/exported", async (c) => {
  const { fenced } = v.parse(Fenced, await c.req.json());
  await callRegistry(c.env, (registry) => registry.noteExport(fenced));
  return c.json({});
});

/** Before anything is merged: nothing is sent until an operator resumes. */
portable.post("/import/begin", async (c) => {
  const sending = await Promise.all(
    c.var.shops.map(async (shop) =>
      sumOf(
        await Promise.all(callLedgers(shop.env, (ledger) => ledger.transfer().beginImport())),
        (out) => out,
      ),
    ),
  );
  const out = sumOf(sending, (count) => count);
  return out === 0 ? c.json({}) : c.json({ message: `Waiting for ${out} orders that are being sent.` }, 503);
});

for (const path of ["/import", "/compare"] as const) {
  portable.post(path, async (c) => {
    const { fenced, lines } = v.parse(Import, await c.req.json());
    return c.json(await absorb(c.var.shops, lines, fenced, path === "/import"));
  });
}

portable.post("/import/personal", async (c) => {
  const { lines } = v.parse(PersonalImport, await c.req.json());
  for (const line of lines) {
    if (line.kind !== "audience-key") continue;
    if (await callAudiences(c.var.shops[0].env, (audiences) => audiences.adoptKey(line.key))) continue;
    return c.json(
      { message: "The audiences here have a key of their own: import into a Worker without audiences." },
      409,
    );
  }
  await restore(c.var.shops, lines);
  return c.json({});
});

portable.post("/import/end", async (c) => {
  const { fenced, audiences, days } = v.parse(ImportEnd, await c.req.json());
  await Promise.all(
    c.var.shops.flatMap((shop) => {
      const lacksAudiences = !audiences && hasAudienceRule(shop.config.rules);
      return callLedgers(shop.env, (ledger) =>
        ledger.transfer().endImport({ reconcile: fenced ? [] : days, lacksAudiences }),
      );
    }),
  );
  return c.json({});
});

portable.onError((error, c) => {
  if (v.isValiError(error))
    return c.json({ message: `The request is wrong: ${error.issues[0].message}` }, 400);
  if (error instanceof HTTPException) return c.json({ message: error.message }, error.status);
  throw error;
});
