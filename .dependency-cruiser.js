/**
 * The direction of imports, types included: each folder of src may import the ones below it, never one above.
 * CONTRIBUTING.md shows the same picture. Checked by `npm run check`.
 */
const LAYERS = [
  ["index.ts", "which path leads where"],
  ["hourly.ts under-shop.ts", "what the Cron Trigger does; /shops/{shop}/…"],
  ["status/ portable/ reviews/", "pages and JSON for people; backups and moves; reviews"],
  ["intake/", "POST /segment"],
  [
    "ledger/ alerts/ allowance/ audiences/ registry/ attempts/ tokens/",
    "the Durable Objects; none imports another",
  ],
  ["bindings/", "how each binding is reached"],
  ["segment/", "one event, and what it asks for"],
  ["trustpilot/", "one order, and the request that invites"],
  ["log.ts", "what may be logged"],
  ["domain/", "orders, states, reasons, decisions"],
  ["config/", "settings, checked"],
  ["lib/ version.ts", "what knows nothing of orders"],
].map(([places, what]) => ({ places: places.split(" "), what }));

const pattern = (places) => `^src/(${places.map((place) => place.replace(".", "\\.")).join("|")})`;

const upward = LAYERS.slice(1).map(({ places, what }, above) => ({
  name: `${places.join(" ")} imports nothing above it`,
  comment: what,
  severity: "error",
  from: { path: pattern(places) },
  to: { path: pattern(LAYERS.slice(0, above + 1).flatMap((layer) => layer.places)) },
}));

const sideways = LAYERS.filter(({ places }) => places.length > 1).map(({ places }) => ({
  name: `${places.join(" ")} do not import each other`,
  severity: "error",
  from: { path: `^src/(${places.map((place) => place.replace(".", "\\.")).join("|")})` },
  to: { path: pattern(places), pathNot: "^src/$1" },
}));

export default {
  forbidden: [
    ...upward,
    ...sideways,
    { name: "no cycles", severity: "error", from: {}, to: { circular: true } },
    {
      name: "every file of src has its place",
      severity: "error",
      from: {
        path: "^src/",
        pathNot: [pattern(LAYERS.flatMap(({ places }) => places)), "^src/env\\.d\\.ts$"],
      },
      to: {},
    },
    { name: "env.d.ts is ambient", severity: "error", from: {}, to: { path: "^src/env\\.d\\.ts$" } },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    doNotFollow: { path: "node_modules" },
    exclude: { path: "^(build|node_modules)/" },
    enhancedResolveOptions: { extensions: [".ts", ".tsx", ".js"] },
  },
};
