/** What the guard stands before: each path with all below it, for each shop below /shops/{shop} too. */
export const STATUS_PATHS: readonly string[] = [
  "status",
  "orders",
  "resume",
  "pause",
  "metrics",
  "openapi.json",
];
