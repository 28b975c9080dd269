/** What the Worker is bound to, for `import { env, exports } from "cloudflare:workers"`. */
declare namespace Cloudflare {
  interface Env extends Bindings {}
  interface GlobalProps {
    mainModule: typeof import("./index.ts");
  }
}
type Bindings = import("./config.ts").Env;
