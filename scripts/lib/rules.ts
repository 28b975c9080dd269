/**
 * The Worker's own rules, for commands that ask what it would do without asking it.
 *
 * They are loaded at run time, behind this interface: code of the Worker is checked against the types of its own
 * platform, which are not those of Node.
 */
export type Vars = Record<string, unknown>;

/** What would become of an event. */
export interface Fate {
  kind: "invited" | "skipped" | "ignored" | "rejected";
  /** Why, in words; empty for an order that is invited. */
  reason: string;
}

export interface Rules {
  /** What is wrong with the settings, each with how to mend it. */
  problemsOf(settings: Vars): { name: string; message: string }[];
  /** The secrets with the Integration Keys that `settings` needs: one, and one for each further shop. */
  keysOf(settings: Vars): string[];
  /** @param settings without problems @param now in ms */
  fateOf(event: unknown, settings: Vars, now: number): Fate;
}

export async function loadRules(): Promise<Rules> {
  const { href } = new URL("../rules/rules.ts", import.meta.url);
  return ((await import(href)) as { rules: Rules }).rules;
}
