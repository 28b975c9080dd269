/** What the Worker is bound to, for `import { env, exports } from "cloudflare:workers"`. */
declare namespace Cloudflare {
  // eslint-disable-next-line @typescript-eslint/no-empty-object-type -- merged into the runtime's own interface
  interface Env extends Bindings {}
  interface GlobalProps {
    mainModule: typeof import("./index.ts");
  }
}
type Bindings = import("./config/config.ts").Env;
