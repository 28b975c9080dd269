/**
 * A stand-in for Trustpilot, for the demo, the tests and `npm run dev`: each of its interfaces in a file of its own.
 *
 * It speaks them over HTTP, as the real one would: it checks what a request must have, creates the invitation unless
 * it has been told to behave otherwise, and keeps a list of what it received. Everything is kept apart by key (the
 * Integration Key, the API key, the local part of the mailbox), so that many tests can share one stand-in, and lives
 * as long as the process.
 *
 * Under /_/ is what the real one does not have:
 *   GET    /_/requests                         the invitations that came, of all keys, without the keys
 *   GET    /_/{key}/requests                   the invitations that came and how they were answered
 *   GET    /_/{key}/requests/{referenceId}     the same, of one order
 *   GET    /_/{key}/account                    how many tokens were asked for and issued, whom to erase
 *   PUT    /_/{key}/behaviour                  how to answer from now on (see `Behaviour`)
 *   PUT    /_/{key}/behaviour/{referenceId}    the steps for one order
 *   DELETE /_/{key}                            forget all of it
 */
import { Hono } from "hono";
import { accountOf, allRequests, forgetAccount } from "./account.ts";
import type { Behaviour, Step } from "./behaviour.ts";
import { integrationKeyApi } from "./integration-key.ts";
import { invitationsApi } from "./invitations-api.ts";
import { mail } from "./mail.ts";

const app = new Hono();

app.get("/_/requests", (c) => c.json(allRequests()));
app.get("/_/:key/requests", (c) => c.json(accountOf(c.req.param("key")).requests));
app.get("/_/:key/account", (c) => {
  const { tokens, erased } = accountOf(c.req.param("key"));
  return c.json({ tokens, erased });
});
app.put("/_/:key/behaviour", async (c) => {
  accountOf(c.req.param("key")).behaviour = await c.req.json<Behaviour>();
  return c.body(null, 204);
});
app.get("/_/:key/requests/:referenceId", (c) => {
  const { key, referenceId } = c.req.param();
  return c.json(accountOf(key).requests.filter((request) => request.referenceId === referenceId));
});
app.put("/_/:key/behaviour/:referenceId", async (c) => {
  const { key, referenceId } = c.req.param();
  (accountOf(key).behaviour.references ??= {})[referenceId] = await c.req.json<Step[]>();
  return c.body(null, 204);
});
app.delete("/_/:key", (c) => {
  forgetAccount(c.req.param("key"));
  return c.body(null, 204);
});

app.route("/api", integrationKeyApi);
app.route("/v1", invitationsApi);
app.route("/mail", mail);

/** Past Hono, which would answer 500: the runtime closes the connection of a request whose own fetch was refused. */
app.onError((error) => {
  throw error;
});
app.notFound((c) => c.json({ message: "Not found" }, 404));

export default app;
