// What the server cannot do for messages that it cannot read: look for phone numbers, links and accounts before a text is sealed,
// and tell the person that these would take the conversation out of the order's protection. It runs on the sender's device and
// warns; whoever changes their own app can leave it out, which is why there is a way to report messages.

const CHINESE_DIGITS = "〇一二三四五六七八九";
const SPOKEN_DIGITS = "零幺二三四五六七八九";
const BETWEEN = "[\\s.,\\-_()（）·、。，]{0,2}";

const PHONE = new RegExp(`(?<!\\d)1${BETWEEN}[3-9](?:${BETWEEN}\\d){9}(?!\\d)`, "u");
const LINK = /(?:https?:\/\/|www\.)\S+|(?<![\w@])[\w-]+\.(?:com|cn|net|org|me|cc|top|xyz|io)(?![\w.])/iu;
const ACCOUNT = /(?:微信|wechat|weixin|vx|v信|薇信|qq)\s*(?:号|id)?\s*[:：]?\s*[a-z0-9_-]{5,20}/iu;

/** The kinds of things in a text that should not be sent: `phone`, `link`, `account`; none is an empty list. */
export function check(text) {
  const plain = digitsOf(text.normalize("NFKC").replace(/[\u200b-\u200f\u2060\ufeff]/gu, ""));
  const found = [];
  if (PHONE.test(plain)) found.push("phone");
  if (LINK.test(plain)) found.push("link");
  if (ACCOUNT.test(plain)) found.push("account");
  return found;
}

function digitsOf(text) {
  return text.replace(/[〇零一幺二三四五六七八九]/gu, (sign) =>
    String(CHINESE_DIGITS.includes(sign) ? CHINESE_DIGITS.indexOf(sign) : SPOKEN_DIGITS.indexOf(sign)),
  );
}
