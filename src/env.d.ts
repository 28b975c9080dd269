/**
 * What wrangler.toml binds, as `wrangler types` writes it: ambient, so that nothing has to import it. The settings are
 * strings or missing until src/config has checked them.
 */
declare namespace Cloudflare {
  type Settings = import("./config/settings.ts").Settings;
  interface GlobalProps {
    mainModule: typeof import("./index.ts");
  }
  interface Env extends Settings {
    ORDERS: KVNamespace;
    LEDGER: DurableObjectNamespace<import("./index.ts").Ledger>;
    AUDIENCES: DurableObjectNamespace<import("./index.ts").Audiences>;
    ALLOWANCE: DurableObjectNamespace<import("./index.ts").Allowance>;
    TOKENS: DurableObjectNamespace<import("./index.ts").Tokens>;
    ALERTS: DurableObjectNamespace<import("./index.ts").Alerts>;
    REGISTRY: DurableObjectNamespace<import("./index.ts").Registry>;
    ATTEMPTS: DurableObjectNamespace<import("./index.ts").Attempts>;
    /** Only for TRANSPORT = "email". */
    EMAIL?: SendEmail;
  }
}

// eslint-disable-next-line @typescript-eslint/no-empty-object-type -- the name under which the platform knows it
interface Env extends Cloudflare.Env {}
