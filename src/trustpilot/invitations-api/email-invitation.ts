import type { Order } from "../../domain/order.ts";
import { toSeconds, type ReviewedProduct, type ReviewRequest } from "../review-request.ts";

/** The body of POST …/email-invitations. @see https://developers.trustpilot.com/invitation-api */
interface EmailInvitation {
  type: "email";
  referenceNumber: string;
  consumerName: string;
  consumerEmail: string;
  locale: string | undefined;
  senderName: string | undefined;
  senderEmail: string | undefined;
  replyTo: string | undefined;
  serviceReviewInvitation: ReviewInvitation;
  productReviewInvitation: (ReviewInvitation & { products: ReviewedProduct[] }) | undefined;
}

interface ReviewInvitation {
  templateId: string | undefined;
  /** ISO 8601, UTC. */
  preferredSendTime: string | undefined;
  redirectUri: string | undefined;
  tags?: readonly string[] | undefined;
}

/** The field is required; Trustpilot's plugins leave it to Trustpilot, which then writes "customer". */
const NAMELESS = "Customer";

export function toEmailInvitation(order: Order, request: ReviewRequest): EmailInvitation {
  const { referenceId, locale, senderName, senderEmail, replyTo, redirectUri, tags } = request;
  const { service, product } = request;
  return {
    type: "email",
    referenceNumber: referenceId,
    consumerName: order.name || NAMELESS,
    consumerEmail: order.email,
    locale,
    senderName,
    senderEmail,
    replyTo,
    serviceReviewInvitation: {
      templateId: service.templateId,
      preferredSendTime: toUtc(service.sendAt),
      redirectUri,
      tags,
    },
    productReviewInvitation: product && {
      templateId: product.templateId,
      preferredSendTime: toUtc(product.sendAt),
      redirectUri,
      products: product.products,
    },
  };
}

/** What a person may see of an invitation: everything except who receives it. */
export function withoutConsumer(
  invitation: EmailInvitation,
): Omit<EmailInvitation, "consumerName" | "consumerEmail"> {
  const { consumerName: _name, consumerEmail: _email, ...rest } = invitation;
  return rest;
}

/** Sources differ on the format; this one says which time zone it means. */
function toUtc(time: number | undefined): string | undefined {
  return time === undefined ? undefined : `${toSeconds(time)}Z`;
}
