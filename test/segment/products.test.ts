import { describe, expect, it } from "vitest";
import { readProducts } from "../../src/segment/products.ts";
import { orderCompleted } from "../support/segment.ts";
import { readOrderOf } from "../support/reading.ts";

describe("products never cost the invitation", () => {
  it.each([
    ["missing", undefined],
    ["null", null],
    ["a text", "p-1"],
    ["a number", 7],
    ["an object", { 0: { product_id: "p-1" } }],
    ["an empty list", []],
    ["a list of nothing", [null, undefined, 7, "p", true, [], {}]],
    ["a list of products without a field", [{ quantity: 1, coupon: "x", position: 2 }]],
  ])("%s", (_, products) => {
    expect(readOrderOf(orderCompleted({ order_id: "1", products })).order.products).toEqual([]);
  });

  it("a single one may come without a list", () => {
    expect(readProducts({ sku: "s-1", product_name: "Mug" })).toEqual([{ sku: "s-1", name: "Mug" }]);
  });

  it("one that is good is kept among those that are not", () => {
    expect(readProducts([null, { sku: {} }, { sku: "s-1" }, 7])).toEqual([{ sku: "s-1" }]);
  });
});

describe("a field of a product", () => {
  it.each<[Record<string, unknown>, Record<string, unknown>]>([
    [{ product_id: 7 }, { productId: "7" }],
    [{ id: "v1" }, { productId: "v1" }],
    [{ product_id: "v2", id: "v1" }, { productId: "v2" }],
    [{ product_id: null, id: "v1" }, { productId: "v1" }],
    [
      { productId: "camel", imageUrl: "https://x.example/a" },
      { productId: "camel", imageUrl: "https://x.example/a" },
    ],
    [{ sku: " 00012 " }, { sku: "00012" }],
    [{ sku: 12 }, { sku: "12" }],
    [
      { gtin: "4006381333931", mpn: "M-1" },
      { gtin: "4006381333931", mpn: "M-1" },
    ],
    [{ name: "A\r\nB\u0000C" }, { name: "A B C" }],
    [{ name: "N".repeat(300) }, { name: "N".repeat(255) }],
    [{ description: "D".repeat(1001) }, { description: "D".repeat(1000) }],
    [
      { brand: "B", manufacturer: "M", category: "C" },
      { brand: "B", manufacturer: "M", category: "C" },
    ],
    [
      { price: "19.90", currency: "eur" },
      { price: 19.9, currency: "EUR" },
    ],
    [{ price: "19,90" }, { price: 19.9 }],
    [{ price: "1,234" }, {}],
    [{ price: "€ 19.90" }, { price: 19.9, currency: "EUR" }],
    [{ price: { amount: "19.90", currency: "EUR" } }, { price: 19.9, currency: "EUR" }],
    [
      { price: "19.90 EUR", currency: "USD" },
      { price: 19.9, currency: "USD" },
    ],
    [{ product_name: "Mug" }, { name: "Mug" }],
    [{ productName: "Mug", name: "Big mug" }, { name: "Big mug" }],
    [{ price: null, name: {}, sku: true, gtin: [], mpn: "" }, {}],
    [{ price: Infinity }, {}],
    [{ variant: "red", quantity: 2, coupon: "X", position: 1 }, {}],
    [JSON.parse('{"__proto__":{"sku":"s"},"constructor":{"name":"x"},"sku":"s"}'), { sku: "s" }],
    [JSON.parse('{"__proto__":{"sku":"s"}}'), {}],
  ])("%j is read as %j", (raw, product) => {
    expect(readProducts([raw])).toEqual(Object.keys(product).length === 0 ? [] : [product]);
  });
});

describe("the address of a product", () => {
  it.each([
    ["https://www.example.com/p?a=1&b=2#c", "https://www.example.com/p?a=1&b=2#c"],
    ["http://www.example.com/p", "http://www.example.com/p"],
    [" https://www.example.com/p\n", "https://www.example.com/p"],
    ["https:///www.example.com/p.jpg", "https://www.example.com/p.jpg"],
    ["HTTPS://WWW.EXAMPLE.COM/P", "https://www.example.com/P"],
    ["https://www.example.com/ü ber", "https://www.example.com/%C3%BC%20ber"],
    ["https://müller.example/", "https://xn--mller-kva.example/"],
  ])("%j is sent as %j", (url, sent) => {
    expect(readProducts([{ url, image_url: url }])).toEqual([{ productUrl: sent, imageUrl: sent }]);
  });

  it.each([
    "/product/path",
    "//www.example.com/p",
    "www.example.com/p",
    "product",
    "",
    "https://",
    "https://exa mple.com/",
    "ftp://example.com/p",
    "javascript:alert(1)",
    "data:image/png;base64,AAAA",
    "file:///etc/passwd",
    "https://user@example.com/",
    "https://user:password@example.com/",
    "https://:password@example.com/",
    `https://www.example.com/${"p".repeat(2048)}`,
    `https://www.example.com/${"ü".repeat(1000)}`,
    7,
    null,
    {},
    ["https://www.example.com/p"],
  ])("%j is left out", (url) => expect(readProducts([{ sku: "s", url }])).toEqual([{ sku: "s" }]));
});

it("the largest products that are taken fit into the 2 MB of the Ledger's row", () => {
  const text = "\u{fffc}".repeat(5000);
  const url = `https://www.example.com/${"p".repeat(2000)}`;
  const fields = [
    "product_id",
    "sku",
    "gtin",
    "mpn",
    "name",
    "brand",
    "manufacturer",
    "category",
    "description",
  ];
  const product = {
    ...Object.fromEntries(fields.map((field) => [field, text])),
    url,
    image_url: url,
    price: 1 / 3,
  };
  const { order } = readOrderOf(
    orderCompleted({ order_id: "1", products: Array.from({ length: 5000 }, () => product) }),
  );
  expect(order.products).toHaveLength(100);
  expect(new TextEncoder().encode(JSON.stringify(order)).length).toBeLessThan(2_000_000);
});
