/**
 * `/shops/{shop}/…`: the whole Worker as if it were that one shop's, for a Segment source of its own, for the pages
 * and for every command that takes a URL. The pages build their links from the shop's name (status/links.ts).
 */
import { Hono } from "hono/tiny";
import { envOf } from "./bindings/scope.ts";
import { isShop, isShopName } from "./config/shop-settings.ts";

type Fetch = (request: Request, env: Env, context: ExecutionContext) => Response | Promise<Response>;

export function underShop(fetch: Fetch): Hono<{ Bindings: Env }> {
  const app = new Hono<{ Bindings: Env }>({ strict: false });
  app.all("/:shop/*", async (c) => {
    const shop = c.req.param("shop");
    const env = isShop(c.env, shop) ? envOf(c.env, shop) : await strangerOf(c.env, shop);
    const url = new URL(c.req.url);
    const prefix = `/shops/${shop}/`;
    // The name in another spelling (/shops/%75k/…) is not the shop's path.
    if (!env || !url.pathname.startsWith(prefix)) return c.json({ message: "There is no such shop." }, 404);
    url.pathname = url.pathname.slice(prefix.length - 1);
    return fetch(new Request(url, c.req.raw), env, c.executionCtx as ExecutionContext);
  });
  return app;
}

async function strangerOf(env: Env, shop: string): Promise<Env | null> {
  if (!isShopName(shop)) return null;
  const { envOfStranger } = await import("./bindings/stranger.ts");
  return envOfStranger(env, shop);
}
