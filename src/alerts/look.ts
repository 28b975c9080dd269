/** What the alerts need only when they look: loaded on demand, so that an order does not pay for it. */
export { nextLook, noticesDue, observe, settle } from "./incidents.ts";
export { messageText } from "./message.ts";
export { survey } from "./survey.ts";
export { postText } from "./webhook.ts";
