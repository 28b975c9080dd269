/** The files of a run share a runtime: each leaves it as it found it. */
import { reset } from "cloudflare:test";
import { afterAll, vi } from "vitest";

afterAll(async () => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  await reset();
});
