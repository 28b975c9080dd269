import type { Order } from "../../domain/order.ts";
import { toSeconds, type ReviewedProduct, type ReviewRequest } from "../review-request.ts";

/**
 * What Trustpilot's Automatic Feedback Service (AFS) reads in a mail. It beats the account's settings.
 *
 * @see https://support.trustpilot.com/hc/en-us/articles/213703667
 */
interface Snippet {
  recipientEmail: string;
  recipientName: string;
  referenceId: string;
  templateId: string | undefined;
  productReviewInvitationTemplateId: string | undefined;
  locale: string | undefined;
  senderEmail: string | undefined;
  senderName: string | undefined;
  replyTo: string | undefined;
  preferredSendTime: string | undefined;
  productReviewInvitationPreferredSendTime: string | undefined;
  tags: readonly string[] | undefined;
  products: ReviewedProduct[] | undefined;
}

export function toSnippet(order: Order, request: ReviewRequest): Snippet {
  const { referenceId, locale, senderEmail, senderName, replyTo, tags, service, product } = request;
  return {
    recipientEmail: order.email,
    recipientName: order.name,
    referenceId,
    templateId: service.templateId,
    productReviewInvitationTemplateId: product?.templateId,
    locale,
    senderEmail,
    senderName,
    replyTo,
    preferredSendTime: service.sendAt === undefined ? undefined : toSeconds(service.sendAt),
    productReviewInvitationPreferredSendTime: product && toSeconds(product.sendAt),
    tags,
    products: product?.products,
  };
}

/** What a person may see of a snippet: everything except who is invited. */
export function withoutInvited(snippet: Snippet): Omit<Snippet, "recipientEmail" | "recipientName"> {
  const { recipientEmail: _email, recipientName: _name, ...rest } = snippet;
  return rest;
}

/** The mail's HTML, in ASCII. Nothing in the JSON can end the script element or open a comment in it. */
export function toHtml(snippet: Snippet): string {
  const escape = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  const json = JSON.stringify(snippet).replace(/[<\u007f-\uffff]/g, escape);
  return `<!doctype html><html><head><script type="application/json+trustpilot">${json}</script></head><body>For Trustpilot.</body></html>`;
}
