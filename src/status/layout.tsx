/** What all pages have in common. */
import { raw } from "hono/utils/html";
import type { Child } from "hono/jsx";
import { VERSION } from "../version.ts";
import { assetUrl } from "./assets.ts";
import type { Links } from "./links.ts";

interface LayoutProps {
  title: string;
  links: Links;
  /** Whether the page draws the chart. */
  chart?: boolean;
  /** Nothing is said of the Worker to someone who has not been let in. */
  stranger?: boolean;
  children?: Child;
}

export function Layout({ title, links, chart, stranger = false, children }: LayoutProps) {
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
            <a class="home" href={links.overview}>
              {/* With a size of its own: without the stylesheet it would fill the page. */}
              <svg viewBox="0 0 32 32" width="28" height="28" aria-hidden="true">
                <rect width="32" height="32" rx="8" />
                <path d="M8 17l5 5 11-12" />
              </svg>
              Review invitations
            </a>
            <search>
              <form action={links.search}>
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
              Times are in <span data-time-zone>UTC</span>; a day in the chart is a day in UTC. No page shows
              personal data.
            </p>
            {!stranger && (
              <p>
                Version {VERSION} · <a href={links.openApi}>The same as JSON</a>
              </p>
            )}
          </footer>
        </body>
      </html>
    </>
  );
}

const DOCTYPE = raw("<!doctype html>");
