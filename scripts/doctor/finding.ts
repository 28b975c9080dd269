/** What a check found, in words for the operator. */
export interface Finding {
  /** What was checked, in a word or two. */
  check: string;
  verdict: "ok" | "wrong" | "note" | "not checked";
  message: string;
  /** How to fix it. */
  remedy?: string;
}

export function ok(check: string, message: string): Finding {
  return { check, verdict: "ok", message };
}

export function wrong(check: string, message: string, remedy: string): Finding {
  return { check, verdict: "wrong", message, remedy };
}

/** Works, but the operator should know. */
export function note(check: string, message: string, remedy?: string): Finding {
  return { check, verdict: "note", message, ...(remedy !== undefined && { remedy }) };
}

/** @param remedy what it would take to check it */
export function notChecked(check: string, message: string, remedy: string): Finding {
  return { check, verdict: "not checked", message, remedy };
}
