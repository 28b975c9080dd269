/** Something that the person at the keyboard can fix; the message says how. */
export class UserError extends Error {
  override name = "UserError";
}
