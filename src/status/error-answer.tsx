/** Answers that say no: as a page below /status, as JSON elsewhere. */
import type { Context } from "hono";
import { Layout } from "./layout.tsx";
import { Links } from "./links.ts";

/** `done`: for the log, what an action did that its path does not say. */
export type StatusApp = { Bindings: Env; Variables: { done?: string } };

export function answerError(
  c: Context<StatusApp>,
  status: 400 | 401 | 403 | 404 | 409 | 429 | 503,
  message: string,
): Response | Promise<Response> {
  if (status === 401) c.header("WWW-Authenticate", 'Basic realm="Review invitations", charset="UTF-8"');
  if (status === 429) c.header("Retry-After", "3600");
  if (!isPage(c.req.path)) return c.json({ message }, status);
  const links = new Links(c.env);
  return c.html(
    <Layout title={TITLES[status]} links={links} stranger={[401, 403, 429].includes(status)}>
      <h1>{TITLES[status]}</h1>
      <p class="lead">{message}</p>
      <p>
        <a href={links.overview}>Go to the overview</a>
      </p>
    </Layout>,
    status,
  );
}

function isPage(path: string): boolean {
  return path === "/status" || path.startsWith("/status/");
}

const TITLES = {
  400: "Bad request",
  401: "Password needed",
  403: "Not allowed",
  404: "Not found",
  409: "Not possible now",
  429: "Too many attempts",
  503: "Temporarily unavailable",
};
