import { describe, expect, it } from "vitest";
import { holdsAddress, maskAddresses, withoutQueries } from "../../src/lib/mask.ts";

describe("an address in a text is masked", () => {
  it.each<[text: string, masked: string]>([
    ["jane@example.com", "…@…"],
    ["order of jane@example.com <7>", "order of …@… <7>"],
    ["1001-jane@example.com/2", "…@…"],
    ["x@jane@example.com", "…@…"],
    ["jane,roe@example.com;7", "…@…"],
    ["o'brien@example.com", "…@…"],
    ['"jane roe"@example.com', "…@…"],
    ["jane(comment)@example.com", "…@…"],
    ["jane@[127.0.0.1]", "…@…"],
    ["jane@xn--mller-kva.example", "…@…"],
    ["jörg@müller.example", "…@…"],
    ["jane＠example.com", "…@…"],
    ["jane﹫example.com", "…@…"],
    ["jane%40example.com", "…@…"],
    ["jane%2540example.com", "…@…"],
    ["jane%EF%BC%A0example.com", "…@…"],
    ["mailto:jane@example.com?subject=x", "…@…"],
    ['{"email":"jane@example.com","code":7}', '{"email":"…@…","code":7}'],
    ["…@…", "…@…"],
  ])("%s", (text, masked) => {
    expect(holdsAddress(text)).toBe(true);
    expect(maskAddresses(text)).toBe(masked);
  });

  it.each(["1001", "@home", "at @ last", "1001@", "50%4", "100%25", "a.b-c_d#7", ""])(
    "and %j, which has none, stays",
    (text) => {
      expect(holdsAddress(text)).toBe(false);
      expect(maskAddresses(text)).toBe(text);
    },
  );
});

describe("of a URL in a text stays where it leads", () => {
  it.each<[text: string, shown: string]>([
    ["https://example.com/a?token=1", "https://example.com/a"],
    ["https://example.com?token=1", "https://example.com"],
    ["https://example.com/a#token=1", "https://example.com/a"],
    ["https://example.com/a?b#c?d", "https://example.com/a"],
    ["https://jane:secret@example.com/a", "https://example.com/a"],
    ["https://jane@example.com/b@c", "https://example.com/b@c"],
    ["HTTPS://example.com/a?token=1", "HTTPS://example.com/a"],
    [
      '"https://example.com/a?b=1" and http://x.example/?c is wrong',
      '"https://example.com/a" and http://x.example/ is wrong',
    ],
    ["ftp://x.example/?c", "ftp://x.example/"],
    ["https://example.com/a/b.jpg", "https://example.com/a/b.jpg"],
    ["Is it 1/2? Yes #7", "Is it 1/2? Yes #7"],
  ])("%s", (text, shown) => expect(withoutQueries(text)).toBe(shown));
});

it("a long text without an end costs little", () => {
  const hostile = `${"a".repeat(50_000)}@ ${'"'.repeat(50_000)} ${"https://".repeat(10_000)}`;
  expect(withoutQueries(maskAddresses(hostile)).length).toBeGreaterThan(1_000);
});
