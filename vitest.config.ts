import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Files that take longest, most of it waiting. First, beside those that compute, rather than alone at the end. */
const LONGEST = ["soak", "move", "status", "restart", "bench", "deploy-command", "backfill", "scripts"];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => {
      const at = LONGEST.findIndex((name) => moduleId.endsWith(`/http/${name}.test.ts`));
      return at === -1 ? LONGEST.length : at;
    };
    return (await super.sort(files)).toSorted((a, b) => rank(a) - rank(b));
  }
}

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
          maxWorkers: 2,
          setupFiles: "test/support/clean-slate.ts",
        },
      },
      {
        extends: true,
        // They wait more than they work: for leases to end, for retries to come due. After the others.
        test: {
          name: "http",
          include: ["test/http/**/*.test.ts"],
          maxWorkers: 5,
          testTimeout: 60_000,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
