import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/**
 * Files that take longest come first, so that none is left alone at the end. Those of `runtime` come after all of
 * `http`: they only compute, and many short ones keep every core busy to the last.
 */
const HTTP_FIRST = ["status", "move", "restart", "backfill", "deploy-command", "scripts", "soak", "bench"];
const HTTP_THEN = ["doctor", "commands", "send", "outage", "reconcile", "layers", "deploy", "supply-chain"];
const RUNTIME_FIRST = ["segment/property", "intake/fuzz", "ledger/model", "simulation/simulation"];
const RUNTIME_THEN = ["alerts/alerts", "ledger/waits", "status/guard", "status/api", "ledger/time-out"];
const LONGEST = {
  http: [...HTTP_FIRST, ...HTTP_THEN].map((name) => `/http/${name}`),
  runtime: [...RUNTIME_FIRST, ...RUNTIME_THEN].map((name) => `/${name}`),
};

/** Project by project, because each file that follows one of its own project finds a process with all it needs. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId, project }: TestSpecification) => {
      const longest = LONGEST[project.name as keyof typeof LONGEST];
      const at = longest.findIndex((name) => moduleId.endsWith(`${name}.test.ts`));
      return (project.name === "http" ? 0 : 1000) + (at === -1 ? longest.length : at);
    };
    return (await super.sort(files)).toSorted((a, b) => rank(a) - rank(b));
  }
}

/** More than there are cores: many files wait more than they work. */
const WORKERS = 4;

/**
 * Two projects: `runtime` runs inside workerd, with real KV and Durable Objects; `http` runs in Node and drives a
 * bundled Worker from outside. Both ask the same stand-in for Trustpilot, which test/set-up.ts starts.
 */
export default defineConfig({
  test: {
    globalSetup: "test/set-up.ts",
    silent: "passed-only",
    sequence: { sequencer: LongestFirst },
    // Continuous integration counts from a report.
    ...(process.env["TEST_REPORT"] && {
      reporters: ["default", ["json", { outputFile: process.env["TEST_REPORT"] }]],
    }),
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // A busy machine takes its time; nothing waits longer than it must.
    expect: { poll: { timeout: 15_000 } },
    projects: [
      {
        extends: true,
        plugins: [
          cloudflareTest(({ inject }) => ({
            // Not the build, whose modules would be others than those that the tests import.
            main: "./src/index.ts",
            wrangler: { configPath: "./wrangler.toml" },
            miniflare: {
              // Tests fill the disk of a ledger: `setMaxPageCountForTest`.
              compatibilityFlags: ["experimental"],
              bindings: {
                TRUSTPILOT_INTEGRATION_KEY: "runtimeTestsKey1",
                SEGMENT_SHARED_SECRET: "the shared secret of the tests",
                TRUSTPILOT_API_URL: `${String(inject("standInOrigin"))}/api`,
                SHOP_ORIGIN: "https://shop.example.com",
              },
              // The local runtime's own, which checks both addresses and keeps what it is given.
              email: {
                send_email: [
                  {
                    name: "EMAIL",
                    destination_address: "shop@invite.trustpilot.com",
                    allowed_sender_addresses: ["orders@shop.example.com"],
                  },
                ],
              },
            },
          })),
        ],
        test: {
          name: "runtime",
          include: ["test/**/*.test.ts"],
          exclude: ["test/http/**"],
          // One runtime for many files: to start one costs more than most files take.
          isolate: false,
          maxWorkers: WORKERS,
          setupFiles: "test/support/clean-slate.ts",
        },
      },
      {
        extends: true,
        test: {
          name: "http",
          include: ["test/http/**/*.test.ts"],
          // One process for many files, with what runs the Workers, which takes a second to load.
          isolate: false,
          maxWorkers: WORKERS,
          testTimeout: 60_000,
        },
      },
    ],
  },
});
