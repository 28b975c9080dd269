/** Figures and settings of a deployment in which all is well, to which a test adds what is not. */
import type { ProblemContext, ProblemFigures } from "../../src/alerts/problems.ts";
import { NO_REJECTIONS } from "../../src/domain/rejections.ts";
import { sumTroubles, type Troubles } from "../../src/domain/troubles.ts";

export const CALM_LEDGER: Troubles = {
  open: {},
  lately: { failed: 0, unknown: 0 },
  damaged: 0,
  pauses: [],
  outage: null,
  heldBack: 0,
  oldestWait: null,
  lastArrival: null,
  lastOrder: null,
  explanations: [],
  bytes: 0,
  full: false,
  whyClosed: null,
};

export const CALM: ProblemFigures = {
  ...sumTroubles([CALM_LEDGER]),
  used: null,
  failedLogins: 0,
  rejections: NO_REJECTIONS,
  silence: null,
  erasures: null,
};

export const CIRCUMSTANCES: ProblemContext = {
  settings: [],
  monthlyLimit: null,
  severalShops: false,
  rules: { maxOrderAgeDays: 90, maxWaitDays: 30 },
  now: Date.parse("2026-11-20T10:00:00Z"),
};
