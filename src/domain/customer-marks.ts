import { hash32 } from "../lib/hash.ts";
import type { Customer } from "./order.ts";

/**
 * By what a cancellation that comes before its order recognises the customer: 32 bits of each identity, which two
 * people in the world share with each value. Enough to compare two events with one order id, too little to say who.
 */
export function customerMarks({ userId, email }: Customer): number[] {
  return [
    ...(userId === undefined ? [] : [hash32(`user:${userId}`)]),
    ...(email === undefined ? [] : [hash32(`email:${email.toLowerCase()}`)]),
  ];
}
