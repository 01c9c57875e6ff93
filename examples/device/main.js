// One act of a device for each line of standard input, its answer as a line of standard output. So another program, such as a test
// of Moat, can have a device of its own: {"act": "keys" | "answer" | "open" | "check" | "seal" | "read" | "report" | "safety", …}

import { createInterface } from "node:readline";

import { check } from "./check.js";
import * as device from "./device.js";
import { isHeif } from "./picture.js";

const pairs = new Map();

const acts = {
  keys({ name }) {
    const keys = device.makeKeys();
    pairs.set(name, keys);
    return { public_key: device.text64(keys.publicKey) };
  },
  answer({ name, sealed, subject, now }) {
    return { answer: device.answerQuestion(sealed, pairs.get(name), { subject, now }) };
  },
  open({ name, box, context, expected }) {
    return device.openValue(box, context, pairs.get(name), expected);
  },
  check({ text }) {
    return { found: check(text) };
  },
  seal({ name, text, recipient_key, order, now, anyway = false }) {
    const found = check(text);
    if (found.length && !anyway) throw new device.RefusedError(`not sealed: ${found.join(", ")}`);
    const recipientKey = device.octets64(recipient_key);
    return { envelope: device.sealMessage(text, { keys: pairs.get(name), recipientKey, order, now }) };
  },
  read({ name, message, order }) {
    return device.openMessage(message, pairs.get(name), order);
  },
  report({ name, message, order, party }) {
    return device.reportOf(message, device.openMessage(message, pairs.get(name), order), party);
  },
  picture({ octets }) {
    return { heif: isHeif(device.octets64(octets)) };
  },
  safety({ one, other }) {
    return { number: device.safetyNumber(device.octets64(one), device.octets64(other)) };
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const asked = JSON.parse(line);
  try {
    console.log(JSON.stringify(acts[asked.act](asked)));
  } catch (error) {
    if (!(error instanceof device.RefusedError)) throw error;
    console.log(JSON.stringify({ refused: error.message }));
  }
}
