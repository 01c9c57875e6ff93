// What a device does with what Moat seals for it, by libsodium alone. The formats are drawn in vault/devices/sealing.py and
// vault/letters/envelope.py; this file shows them from the other side, and checks everything that only a device can check.

// Node 18 has its random source in a module; browsers, phones and later versions have it at hand.
globalThis.crypto ??= (await import("node:crypto")).webcrypto;
const { default: sodium } = await import("libsodium-wrappers");

await sodium.ready;

const VIEWS = ["masked", "plain", "building"];
const VALUE_BLOCK = 64;
const LETTER_BLOCK = 256;
const LETTER_BLOCKS_AT_MOST = 8;
const LABEL = sodium.from_string("moat-letter-1");
const QUESTION = sodium.from_string("moat-device-question-1");
const ANSWER = sodium.from_string("moat-device-answer-1");
const ANSWERED_WITHIN_MS = 600_000;
const VARIANT = sodium.base64_variants.URLSAFE_NO_PADDING;

export class RefusedError extends Error {}

export const text64 = (octets) => sodium.to_base64(octets, VARIANT);
export const octets64 = (text) => sodium.from_base64(text, VARIANT);

/** A key pair of this device. The private half stays in the device's own key store; the public half is registered. */
export function makeKeys() {
  const { publicKey, privateKey } = sodium.crypto_box_keypair();
  return { publicKey, privateKey };
}

/**
 * Answer whoever registers this device's key: that the secret half is here. Nothing of what was opened leaves the device, and a
 * question about somebody else is not answered: `subject` is whom the app is signed in as.
 */
export function answerQuestion(sealed, keys, { subject, now }) {
  let plain;
  try {
    plain = sodium.crypto_box_seal_open(octets64(sealed), keys.publicKey, keys.privateKey);
  } catch {
    throw new RefusedError("not sealed for this device");
  }
  const head = new Reader(plain);
  if (!same(head.take(QUESTION.length), QUESTION)) throw new RefusedError("not a question about a key");
  if (head.counted() !== subject) throw new RefusedError("asked for somebody else");
  const until = head.u64();
  if (!same(head.take(16), sodium.crypto_generichash(16, keys.publicKey))) throw new RefusedError("about another key");
  if (now >= until || until > now + 2 * ANSWERED_WITHIN_MS) throw new RefusedError("too old");
  const answer = sodium.crypto_generichash(32, join(ANSWER, keys.publicKey), head.take(32));
  sodium.memzero(plain);
  return text64(answer);
}

/**
 * Open a value that was sealed for this device, and refuse it unless it is what was asked for: of this tenant, order and kind,
 * made within `maxAgeMs` of `now`. `context` is what stood beside the box.
 */
export function openValue(box, context, keys, expected) {
  let padded;
  try {
    padded = sodium.crypto_box_seal_open(octets64(box), keys.publicKey, keys.privateKey);
  } catch {
    throw new RefusedError("not sealed for this device");
  }
  const plain = unpadded(padded, VALUE_BLOCK);
  const head = new Reader(plain);
  if (head.u8() !== 1) throw new RefusedError("a format that this device does not know");
  const found = { tenant: head.u64(), at: head.u64(), view: VIEWS[head.u8()] };
  found.kind = head.counted();
  found.ref = head.counted();
  const key = head.take(16);
  const header = plain.subarray(0, head.place);
  if (!sodium.memcmp(key, sodium.crypto_generichash(16, keys.publicKey))) throw new RefusedError("sealed for another key");
  if (text64(sodium.crypto_generichash(32, header)) !== context) throw new RefusedError("mixed up with another box");
  for (const name of ["tenant", "ref", "kind"]) {
    if (found[name] !== expected[name]) throw new RefusedError(`not the ${name} that was asked for`);
  }
  if (Math.abs(expected.now - found.at) > expected.maxAgeMs) throw new RefusedError("too old");
  const value = sodium.to_string(head.rest());
  sodium.memzero(padded);
  return { value, ...found };
}

/** Seal a text for the other party's device, after `check` has let it pass. Gives the envelope for POST …/messages. */
export function sealMessage(text, { keys, recipientKey, order, now }) {
  const opening = sodium.randombytes_buf(32);
  const octets = sodium.from_string(text);
  const commitment = commitmentOf(octets, { opening, senderKey: keys.publicKey, recipientKey, order, sentAt: now });
  const plain = join(Uint8Array.of(1), u64(now), opening, counted(order), octets);
  const padded = sodium.pad(plain, LETTER_BLOCK);
  if (padded.length > LETTER_BLOCK * LETTER_BLOCKS_AT_MOST) throw new RefusedError("too long");
  const nonce = sodium.randombytes_buf(sodium.crypto_box_NONCEBYTES);
  const box = sodium.crypto_box_easy(padded, nonce, recipientKey, keys.privateKey);
  return text64(join(Uint8Array.of(1), commitment, nonce, box));
}

/** Open a message as GET …/messages gives it. What cannot be reported is not shown. */
export function openMessage(message, keys, order) {
  const octets = octets64(message.envelope);
  const head = new Reader(octets);
  if (head.u8() !== 1) throw new RefusedError("a format that this device does not know");
  const commitment = head.take(32);
  const nonce = head.take(sodium.crypto_box_NONCEBYTES);
  const senderKey = octets64(message.sender_key);
  let padded;
  try {
    padded = sodium.crypto_box_open_easy(head.rest(), nonce, senderKey, keys.privateKey);
  } catch {
    throw new RefusedError("not from that device to this one");
  }
  const inner = new Reader(unpadded(padded, LETTER_BLOCK));
  if (inner.u8() !== 1) throw new RefusedError("a format that this device does not know");
  const sentAt = inner.u64();
  const opening = inner.take(32);
  if (inner.counted() !== order) throw new RefusedError("of another order");
  const text = inner.rest();
  const made = commitmentOf(text, { opening, senderKey, recipientKey: keys.publicKey, order, sentAt });
  if (!sodium.memcmp(made, commitment)) throw new RefusedError("a message that could not be reported");
  return { text: sodium.to_string(text), sentAt, opening: text64(opening), commitment: text64(commitment) };
}

/** What the recipient hands over who complains of a message: the body of POST …/messages/report. Nothing else opens it. */
export function reportOf(message, opened, party) {
  return {
    party,
    text: opened.text,
    opening: opened.opening,
    sent_at: opened.sentAt,
    sender_key: message.sender_key,
    recipient_key: message.recipient_key,
    hour: message.hour,
    commitment: opened.commitment,
    frank: message.frank,
  };
}

/** Twelve digits that two people compare aloud who do not want to trust the service with each other's keys. */
export function safetyNumber(oneKey, otherKey) {
  const [first, second] = [oneKey, otherKey].sort(sodium.compare);
  const digest = sodium.crypto_generichash(8, join(first, second));
  const number = new DataView(digest.buffer, digest.byteOffset).getBigUint64(0) % 1_000_000_000_000n;
  return number.toString().padStart(12, "0");
}

function commitmentOf(text, { opening, senderKey, recipientKey, order, sentAt }) {
  return sodium.crypto_generichash(32, join(LABEL, senderKey, recipientKey, counted(order), u64(sentAt), text), opening);
}

function same(one, other) {
  return one.length === other.length && sodium.memcmp(one, other);
}

function unpadded(padded, block) {
  try {
    return sodium.unpad(padded, block);
  } catch {
    throw new RefusedError("not padded as it must be");
  }
}

function counted(text) {
  const octets = sodium.from_string(text);
  if (octets.length > 255) throw new RefusedError("too long");
  return join(Uint8Array.of(octets.length), octets);
}

function u64(number) {
  const octets = new Uint8Array(8);
  new DataView(octets.buffer).setBigUint64(0, BigInt(number));
  return octets;
}

function join(...parts) {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let place = 0;
  for (const part of parts) {
    whole.set(part, place);
    place += part.length;
  }
  return whole;
}

/** Reads octets in order, and refuses to go beyond their end. */
class Reader {
  constructor(octets) {
    this.octets = octets;
    this.place = 0;
  }

  take(count) {
    const end = this.place + count;
    if (end > this.octets.length) throw new RefusedError("cut");
    const taken = this.octets.subarray(this.place, end);
    this.place = end;
    return taken;
  }

  u8() {
    return this.take(1)[0];
  }

  u64() {
    const taken = this.take(8);
    return Number(new DataView(taken.buffer, taken.byteOffset).getBigUint64(0));
  }

  counted() {
    return sodium.to_string(this.take(this.u8()));
  }

  rest() {
    return this.take(this.octets.length - this.place);
  }
}
