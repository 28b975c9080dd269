import { judgeStatus, type StatusVerdict } from "../answer.ts";

type Accepted = "created" | "products-wanted" | "blocked" | "ambiguous";

/** What a status of this interface means: 201 is the only success. docs/trustpilot.md repeats it with its doubts. */
export function judgeScriptStatus(status: number): Accepted | StatusVerdict {
  if (status === 201) return "created";
  if (status === 202) return "products-wanted";
  if (status >= 251 && status <= 253) return "blocked";
  return status < 300 ? "ambiguous" : judgeStatus(status);
}
