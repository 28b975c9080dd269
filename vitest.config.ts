import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Files of `http` that take longest, most of it waiting: first, so that others compute beside them. */
const LONGEST = [
  "status",
  "scripts",
  "backfill",
  "restart",
  "deploy-command",
  "move",
  "soak",
  "bench",
  "doctor",
  "commands",
];

/** Then those of `runtime`, one after the other, because each that another follows leaves it its runtime. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId, project }: TestSpecification) => {
      const at = LONGEST.findIndex((name) => moduleId.endsWith(`/http/${name}.test.ts`));
      if (at !== -1) return at;
      return project.name === "runtime" ? LONGEST.length : LONGEST.length + 1;
    };
    return (await super.sort(files)).toSorted((a, b) => rank(a) - rank(b));
  }
}

/** More than there are cores: many files wait more than they work. */
const WORKERS = 5;

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
          maxWorkers: WORKERS,
          testTimeout: 60_000,
        },
      },
    ],
  },
});
