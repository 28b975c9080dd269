/**
 * `/shops/{shop}/…`: the whole Worker as if it were that one shop's, for a Segment source of its own, for the pages
 * and for every command that takes a URL. The pages know nothing of it: their links are led here on the way out.
 */
import { Hono } from "hono/tiny";
import { envOf } from "./bindings/scope.ts";
import { settingsOf } from "./config/shop-settings.ts";

type Fetch = (request: Request, env: Env, context: ExecutionContext) => Response | Promise<Response>;

export function underShop(fetch: Fetch): Hono<{ Bindings: Env }> {
  const app = new Hono<{ Bindings: Env }>({ strict: false });
  app.all("/:shop/*", async (c) => {
    const shop = c.req.param("shop");
    if (!Object.hasOwn(settingsOf(c.env).settings, shop))
      return c.json({ message: "There is no such shop." }, 404);
    const prefix = `/shops/${shop}`;
    const url = new URL(c.req.url);
    url.pathname = url.pathname.slice(prefix.length);
    const request = new Request(url, c.req.raw);
    const response = await fetch(request, envOf(c.env, shop), c.executionCtx as ExecutionContext);
    return leadUnder(prefix, new Response(response.body, response));
  });
  return app;
}

/** Links and forms of a page, and where a redirect goes. */
function leadUnder(prefix: string, response: Response): Response {
  const location = response.headers.get("Location");
  if (location?.startsWith("/")) response.headers.set("Location", prefix + location);
  const lead = (attribute: string) => ({
    element(element: Element) {
      element.setAttribute(attribute, prefix + element.getAttribute(attribute));
    },
  });
  return response.headers.get("Content-Type")?.startsWith("text/html")
    ? new HTMLRewriter()
        .on('a[href^="/"]', lead("href"))
        .on('form[action^="/"]', lead("action"))
        .transform(response)
    : response;
}
