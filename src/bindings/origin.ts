/** A name of this object, made once: its counts go by it wherever backups are merged. */
export function originOf(kv: SyncKvStorage): string {
  const known = kv.get<string>("origin");
  if (known !== undefined) return known;
  const origin: string = crypto.randomUUID();
  kv.put("origin", origin);
  return origin;
}
