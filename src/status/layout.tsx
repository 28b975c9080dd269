/** What all pages have in common. */
import { raw } from "hono/html";
import type { Child } from "hono/jsx";
import { VERSION } from "../version.ts";
import { assetUrl } from "./assets.ts";

export function Layout({ title, chart, children }: { title: string; chart?: boolean; children?: Child }) {
  return (
    <>
      {DOCTYPE}
      <html lang="en">
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          <meta name="color-scheme" content="light dark" />
          <title>{title} · Review invitations</title>
          <link rel="icon" href={assetUrl("icon.svg")} type="image/svg+xml" />
          <link rel="stylesheet" href={assetUrl("page.css")} />
          <script type="module" src={assetUrl("page.js")}></script>
          {chart && <script type="module" src={assetUrl("chart.js")}></script>}
        </head>
        <body>
          <a class="skip" href="#main">
            Skip to the content
          </a>
          <header>
            <a class="home" href="/status">
              <svg viewBox="0 0 32 32" aria-hidden="true">
                <rect width="32" height="32" rx="8" />
                <path d="M8 17l5 5 11-12" />
              </svg>
              Review invitations
            </a>
            <search>
              <form action="/status/orders">
                <label for="order">Order id</label>
                <input id="order" name="id" type="text" required autocomplete="off" spellcheck={false} />
                <button>Find</button>
              </form>
            </search>
          </header>
          <main id="main" tabindex={-1}>
            {children}
          </main>
          <footer>
            <p>
              Times are in <span data-time-zone>UTC</span>; a day of the chart is a day in UTC. No page here
              shows personal data.
            </p>
            <p>
              Version {VERSION} · <a href="/openapi.json">The same as JSON</a>
            </p>
          </footer>
        </body>
      </html>
    </>
  );
}

const DOCTYPE = raw("<!doctype html>");
