/**
 * Writes the few ASN.1 types of a PKCS#12 file as DER (ITU-T X.690). Each function returns one whole value: tag, length
 * and content. Nothing here reads DER.
 */

const tags = {
  integer: 0x02,
  octetString: 0x04,
  null: 0x05,
  objectIdentifier: 0x06,
  bmpString: 0x1e,
  sequence: 0x30,
  set: 0x31,
  contextPrimitive: 0x80,
  contextConstructed: 0xa0,
} as const;

export function sequence(...members: readonly Buffer[]): Buffer {
  return tagged(tags.sequence, Buffer.concat(members));
}

/** A SET OF; DER wants its members in ascending order of their encodings (X.690 section 11.6). */
export function setOf(...members: readonly Buffer[]): Buffer {
  return tagged(tags.set, Buffer.concat(members.toSorted(Buffer.compare)));
}

/** @param value a whole number from 0 to 2³¹ − 1 */
export function integer(value: number): Buffer {
  const octets = Buffer.alloc(5);
  octets.writeUInt32BE(value, 1);
  // The shortest form in which the first bit, the sign, is still 0 (X.690 section 8.3.2).
  let start = 0;
  while (start < 4 && octets[start] === 0 && octets.readUInt8(start + 1) < 0x80) {
    start += 1;
  }
  return tagged(tags.integer, octets.subarray(start));
}

export function octetString(content: Buffer): Buffer {
  return tagged(tags.octetString, content);
}

export function nullValue(): Buffer {
  return tagged(tags.null, Buffer.alloc(0));
}

/** @param dotted `1.2.840.113549.1.7.1` */
export function objectIdentifier(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  return tagged(tags.objectIdentifier, Buffer.from([first * 40 + second, ...rest].flatMap(base128)));
}

/** UTF-16, the high octet of each unit first, with no end mark. */
export function bmpString(text: string): Buffer {
  return tagged(tags.bmpString, utf16(text));
}

/** `[number] EXPLICIT`, or `[number] IMPLICIT` of a constructed type when given that type's content. */
export function contextConstructed(number: number, content: Buffer): Buffer {
  return tagged(tags.contextConstructed + number, content);
}

/** `[number] IMPLICIT OCTET STRING`. */
export function contextPrimitive(number: number, content: Buffer): Buffer {
  return tagged(tags.contextPrimitive + number, content);
}

/** UTF-16 with the high octet first; a character beyond the basic plane is a surrogate pair. */
export function utf16(text: string): Buffer {
  return Buffer.from(text, 'utf16le').swap16();
}

function tagged(tag: number, content: Buffer): Buffer {
  return Buffer.concat([Buffer.from([tag, ...lengthOctets(content.length)]), content]);
}

/** X.690 section 10.1: one octet below 128, else the number of octets that follow, then these. */
function lengthOctets(length: number): number[] {
  if (length < 0x80) {
    return [length];
  }
  const octets: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) {
    octets.unshift(rest % 256);
  }
  return [0x80 + octets.length, ...octets];
}

/** X.690 section 8.19.2: seven bits an octet, the first bit set in all but the last. */
function base128(part: number): number[] {
  const octets = [part % 128];
  for (let rest = Math.floor(part / 128); rest > 0; rest = Math.floor(rest / 128)) {
    octets.unshift(0x80 + (rest % 128));
  }
  return octets;
}
