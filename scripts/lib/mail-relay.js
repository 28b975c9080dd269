/**
 * The binding EMAIL of a served Worker: hands each mail to the stand-in and throws what it is told. The local runtime's
 * own binding (miniflare 5) checks both addresses, puts text and HTML into files and always succeeds; the tests of the
 * transport use that one, too.
 */
import { WorkerEntrypoint } from "cloudflare:workers";

export default class MailRelay extends WorkerEntrypoint {
  async send(mail) {
    const response = await fetch(this.env.MAIL_TO, { method: "POST", body: JSON.stringify(mail) });
    const text = await response.text();
    if (response.ok) return { messageId: `<${crypto.randomUUID()}@shop.example.com>` };
    throw Object.assign(new Error("the mail was not sent"), { code: text });
  }
}
