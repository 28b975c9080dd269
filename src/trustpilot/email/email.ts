/**
 * Trustpilot's feedback e-mail: a mail to the account's own address creates an invitation. Documented, for every plan;
 * no answer ever comes back, so "created" here means that Cloudflare has taken the mail.
 *
 * The binding EMAIL is pinned to that one address in wrangler.toml, so mail to any other address is refused.
 */
import type { TrustpilotConfig } from "../../config/config.ts";
import type { Verdict } from "../answer.ts";
import { inTime, REQUEST_TIMEOUT } from "../exchange.ts";
import { toReviewRequest } from "../review-request.ts";
import type { Services, Transport } from "../transport.ts";
import { judgeMailError } from "./mail-error.ts";
import { toHtml, toSnippet, withoutInvited } from "./snippet.ts";

export function email(settings: TrustpilotConfig, { mail: binding }: Services): Transport {
  const { afsAddress: to, afsFrom: from } = settings;
  return {
    attemptTimeout: REQUEST_TIMEOUT,
    limit: null,
    // There is nothing to connect to: the binding queues the mail.
    probe: () => Promise.resolve(true),
    erase: null,
    prepare(order) {
      const snippet = toSnippet(order, toReviewRequest(order, settings, Date.now()));
      return {
        shown: withoutInvited(snippet),
        async send() {
          const started = Date.now();
          const verdict = await sendMail(binding, {
            from: from ?? "",
            to: to ?? "",
            subject: SUBJECT,
            html: toHtml(snippet),
          });
          return { ...verdict, status: null, milliseconds: Date.now() - started };
        },
      };
    },
  };
}

const SUBJECT = "Order for Trustpilot";

async function sendMail(binding: SendEmail | undefined, mail: EmailMessageBuilder): Promise<Verdict> {
  if (binding === undefined) return { kind: "accountRefused", problem: "sender" };
  try {
    await inTime(REQUEST_TIMEOUT, () => binding.send(mail));
    return { kind: "created", reason: "sent_by_email" };
  } catch (error) {
    return judgeMailError(error);
  }
}
