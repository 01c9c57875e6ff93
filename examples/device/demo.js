// A courier's device and a customer's, without a server between them: what each can open, and what it refuses.
//   npm ci && node demo.js

import { check } from "./check.js";
import { makeKeys, openMessage, safetyNumber, sealMessage, text64 } from "./device.js";

const [courier, customer, stranger] = [makeKeys(), makeKeys(), makeKeys()];
const order = "o-1";
const text = "我在楼下,门禁打不开";

console.log("before sealing:", check(text), check("加我微信 moat_2026"), check("打 1 3 8-一二三四-5678"));
const envelope = sealMessage(text, { keys: courier, recipientKey: customer.publicKey, order, now: Date.now() });
console.log("what Moat stores:", `${envelope.slice(0, 60)}… (${envelope.length} characters)`);
const message = { envelope, sender_key: text64(courier.publicKey) };
console.log("the customer's device:", openMessage(message, customer, order).text);
try {
  openMessage(message, stranger, order);
} catch (error) {
  console.log("another device:", error.message);
}
console.log("both devices show:", safetyNumber(courier.publicKey, customer.publicKey));
