/**
 * An audience's name as Segment writes it into traits: snake case. Applied to the operator's settings and to what
 * events say, so that `Opted out`, `opted_out` and `opted-out` are one audience however either side writes it.
 */
export function audienceKey(name: string): string {
  return name
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, "_")
    .replace(/^_|_$/g, "");
}
