/**
 * What the pages load: a stylesheet, a small script, and on the overview the chart.
 *
 * Text modules of the Worker (built by scripts/build.js), not static assets of the platform: with an `[assets]`
 * directory the runtime no longer says who came through Cloudflare Access. The URL names the content, so browsers
 * may cache it for ever.
 */
import { Hono } from "hono/tiny";
import chart from "../../build/browser/chart.js.txt";
import icon from "../../build/browser/icon.svg.txt";
import script from "../../build/browser/page.js.txt";
import style from "../../build/browser/page.css.txt";
import { hash32 } from "../lib/hash.ts";

const ASSETS = {
  "chart.js": { text: chart, type: "text/javascript; charset=utf-8" },
  "icon.svg": { text: icon, type: "image/svg+xml" },
  "page.js": { text: script, type: "text/javascript; charset=utf-8" },
  "page.css": { text: style, type: "text/css; charset=utf-8" },
};

type AssetName = keyof typeof ASSETS;

/** `/status/assets/page.css?v=1x2y3z` */
export function assetUrl(name: AssetName): string {
  return `/status/assets/${name}?v=${versionOf(name)}`;
}

export const assets = new Hono();

assets.get("/:name", (c, next) => {
  const name = c.req.param("name");
  if (!isAsset(name)) return next();
  const known = c.req.query("v") === versionOf(name);
  c.header("Cache-Control", known ? "public, max-age=31536000, immutable" : "no-cache");
  return c.body(ASSETS[name].text, 200, { "Content-Type": ASSETS[name].type });
});

const versions = new Map<AssetName, string>();

function versionOf(name: AssetName): string {
  let version = versions.get(name);
  if (version === undefined) versions.set(name, (version = hash32(ASSETS[name].text).toString(36)));
  return version;
}

function isAsset(name: string): name is AssetName {
  return Object.hasOwn(ASSETS, name);
}
