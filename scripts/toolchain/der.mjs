// As much of ASN.1 DER as a certificate needs.

/** @param {number} tag @param {Buffer[]} parts */
function element(tag, ...parts) {
  const content = Buffer.concat(parts);
  const { length } = content;
  const octets =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...octets]), content]);
}

/** SEQUENCE. @param {Buffer[]} parts */
export function sequence(...parts) {
  return element(0x30, ...parts);
}

/** SET. @param {Buffer[]} parts */
export function set(...parts) {
  return element(0x31, ...parts);
}

/** A context-specific tag, around other elements (constructed) or in place of a primitive's own tag. */
export function tagged(/** @type {number} */ number, /** @type {Buffer} */ content, constructed = true) {
  return element((constructed ? 0xa0 : 0x80) + number, content);
}

/** INTEGER from its octets. @param {Buffer} octets */
export function integer(octets) {
  return element(0x02, octets);
}

/** BIT STRING. @param {Buffer} bits @param {number} [unused] The count of unused bits at the end. */
export function bitString(bits, unused = 0) {
  return element(0x03, Buffer.from([unused]), bits);
}

/** OCTET STRING. @param {Buffer} octets */
export function octetString(octets) {
  return element(0x04, octets);
}

/** UTF8String. @param {string} text */
export function utf8(text) {
  return element(0x0c, Buffer.from(text));
}

/** UTCTime, which serves until 2049. @param {Date} date */
export function time(date) {
  return element(0x17, Buffer.from(`${date.toISOString().slice(2, 19).replace(/[-:T]/g, '')}Z`));
}

/** OBJECT IDENTIFIER from its dotted form. @param {string} dotted */
export function objectId(dotted) {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  return element(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]));
}

/** @param {number} number */
function base128(number) {
  const octets = [number & 0x7f];
  for (let left = number >>> 7; left > 0; left >>>= 7) {
    octets.unshift((left & 0x7f) | 0x80);
  }
  return octets;
}
