/** What the Worker writes into its log, and at which level. */
import { afterAll, beforeAll, beforeEach, vi } from "vitest";

const LEVELS = ["debug", "log", "info", "warn", "error"] as const;
type Level = (typeof LEVELS)[number];

/** Listens during every test of the file that calls it. @returns the lines of the test so far */
export function spyOnConsole(): (...levels: Level[]) => string[] {
  const written: { level: Level; line: string }[] = [];
  beforeAll(() => {
    for (const level of LEVELS) {
      vi.spyOn(console, level).mockImplementation((...parts: unknown[]) => {
        written.push({ level, line: parts.map(String).join(" ") });
      });
    }
  });
  beforeEach(() => void written.splice(0));
  afterAll(() => void vi.restoreAllMocks());
  return (...levels) =>
    written.filter(({ level }) => levels.length === 0 || levels.includes(level)).map(({ line }) => line);
}
