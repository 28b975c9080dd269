/** The overview as JSON: what needs attention, and how the Worker and its stores are. */
import { Hono } from "hono/tiny";
import { describeRoute } from "hono-openapi";
import type { InferOutput } from "valibot";
import { attention } from "./attention.ts";
import { isAnswering } from "../bindings/seen-cache.ts";
import { yearsUntilFull } from "../domain/capacity.ts";
import { Overview } from "./answer-schemas.ts";
import { lastDays } from "./days.ts";
import { answer } from "./describe-answer.ts";
import { lastExport, readFigures, type Figures } from "./ledgers.ts";
import { readableConfig } from "./readable-config.ts";
import type { StatusApp } from "./error-answer.tsx";

export const overviewApi = new Hono<StatusApp>({ strict: false });

overviewApi.get(
  "/status/overview",
  describeRoute({
    summary: "What needs attention, and whether storage works",
    description: "Asks every ledger: an answer means that all of them work.",
    responses: { 200: answer("As of now", Overview) },
  }),
  async (c) => {
    const now = Date.now();
    const { config } = readableConfig(c.env);
    const { monthlyLimit } = config.trustpilot;
    const [figures, kv, backup] = await Promise.all([
      readFigures(c.env, lastDays(now, 7), now, monthlyLimit !== null),
      isAnswering(c.env.ORDERS),
      lastExport(c.env),
    ]);
    return c.json({
      attention: attention(c.env, figures, now).map(({ level, title, next, details, until }) => ({
        level,
        title,
        next,
        details: details ?? [],
        until: until === undefined ? null : new Date(until).toISOString(),
      })),
      open: figures.open,
      allowance: monthlyLimit === null ? null : { used: figures.used ?? 0, limit: monthlyLimit },
      erasures: figures.erasures && {
        waiting: figures.erasures.waiting,
        erased: figures.erasures.erased,
        byHand: figures.erasures.byHand,
      },
      oldestWait: isoOf(figures.oldestWait),
      breaker: figures.outage && {
        ...figures.outage,
        since: new Date(figures.outage.since).toISOString(),
        until: new Date(figures.outage.until).toISOString(),
      },
      storage: storageOf(figures),
      kv: kv ? "answering" : "silent",
      dryRun: config.delivery.dryRun,
      ...(backup !== undefined && { backup: backup && { ...backup, at: new Date(backup.at).toISOString() } }),
    } satisfies InferOutput<typeof Overview>);
  },
);

function isoOf(time: number | null): string | null {
  return time === null ? null : new Date(time).toISOString();
}

/** @param figures of the last seven days */
function storageOf({ storage, daily }: Figures) {
  const orders = Object.entries(daily)
    .flatMap(([what, counts]) => (COUNTED_TWICE.test(what) ? [] : counts))
    .reduce((sum, count) => sum + count, 0);
  const years = yearsUntilFull(storage.fullest, orders / 7 / storage.ledgers);
  return {
    bytes: storage.total,
    fullest: storage.fullest,
    fullInYears: Number.isFinite(years) ? Math.round(years) : null,
  };
}

/** Not further orders. */
const COUNTED_TWICE = /^(duplicate|reviewed|stars:)/;
