/** Rules that concern several settings at once. */
import { problemWith, type ConfigProblem } from "./problem.ts";
import { SETTINGS, type Values } from "./settings.ts";

/** @param shop `null` for the Worker's own settings */
export function contradictions({ segment }: Values, shop: string | null): ConfigProblem[] {
  const { sharedSecret, previousSecret } = SETTINGS.segment;
  const problems: ConfigProblem[] = [];
  if (segment.previousSecret !== null && segment.sharedSecret === null)
    problems.push(problemWith(sharedSecret, shop, `is missing, but ${previousSecret.name} is set.`));
  return problems;
}
