/** Answers that are no: as a page under /status, as JSON elsewhere. */
import type { Context } from "hono";
import { Layout } from "./layout.tsx";

export type App = { Bindings: Env };

export function refuse(
  c: Context<App>,
  status: 400 | 401 | 403 | 404 | 409 | 429 | 503,
  message: string,
): Response | Promise<Response> {
  if (status === 401) c.header("WWW-Authenticate", 'Basic realm="Review invitations", charset="UTF-8"');
  if (status === 429) c.header("Retry-After", "60");
  if (!isPage(c.req.path)) return c.json({ message }, status);
  return c.html(
    <Layout title={TITLES[status]}>
      <h1>{TITLES[status]}</h1>
      <p class="lead">{message}</p>
      <p>
        <a href="/status">Go to the overview</a>
      </p>
    </Layout>,
    status,
  );
}

function isPage(path: string): boolean {
  return path === "/status" || path.startsWith("/status/");
}

const TITLES = {
  400: "This address is not understood",
  401: "Password needed",
  403: "Not allowed",
  404: "Not found",
  409: "Not possible now",
  429: "Too many tries",
  503: "Not reachable at the moment",
};
