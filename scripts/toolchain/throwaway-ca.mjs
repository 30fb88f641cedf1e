// A certificate authority for one test run or demo, made with node:crypto alone: no openssl, nothing on disk.
import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { isIP } from 'node:net';
import { bitString, integer, objectId, octetString, sequence, set, tagged, time, utf8 } from './der.mjs';

const day = 24 * 60 * 60 * 1000;
const ecdsaWithSha256 = sequence(objectId('1.2.840.10045.4.3.2'));

/**
 * @typedef {{ certificate: string, key: string }} Issued PEM of a certificate and of its key.
 * @typedef {Issued & {
 *   leaf: (hosts: string[]) => Issued,
 *   intermediate: (name: string) => Authority,
 * }} Authority
 */

/**
 * A root with a new key. `leaf` makes certificates for servers, `intermediate` an authority below it.
 *
 * @param {string} name The common name.
 * @returns {Authority}
 */
export function throwawayCa(name) {
  const keys = newKeys();
  return authority(name, keys, certify({ subject: name, keys, issuer: name, issuerKeys: keys, isCa: true }));
}

/**
 * @param {string} name
 * @param {Keys} keys
 * @param {string} certificate
 * @returns {Authority}
 */
function authority(name, keys, certificate) {
  const issue = (/** @type {string} */ subject, /** @type {Partial<Wanted>} */ wanted) => {
    const own = newKeys();
    return {
      own,
      certificate: certify({ subject, keys: own, issuer: name, issuerKeys: keys, isCa: false, ...wanted }),
    };
  };
  return {
    certificate,
    key: keys.pem,
    leaf: (hosts) => {
      const { own, certificate: issued } = issue(hosts[0] ?? 'localhost', { hosts });
      return { certificate: issued, key: own.pem };
    },
    intermediate: (subject) => {
      const { own, certificate: issued } = issue(subject, { isCa: true });
      return authority(subject, own, issued);
    },
  };
}

/**
 * @typedef {ReturnType<typeof newKeys>} Keys
 * @typedef {{ subject: string, keys: Keys, issuer: string, issuerKeys: Keys, isCa: boolean, hosts?: string[] }} Wanted
 */
function newKeys() {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  return {
    privateKey,
    spki,
    pem: privateKey.export({ type: 'sec1', format: 'pem' }).toString(),
    identifier: createHash('sha1').update(spki).digest(),
  };
}

/** @param {Wanted} wanted */
function certify({ subject, keys, issuer, issuerKeys, isCa, hosts }) {
  const body = sequence(
    tagged(0, integer(Buffer.from([2]))),
    integer(Buffer.concat([Buffer.from([0x40]), randomBytes(15)])),
    ecdsaWithSha256,
    commonName(issuer),
    sequence(time(new Date(Date.now() - day)), time(new Date(Date.now() + 30 * day))),
    commonName(subject),
    keys.spki,
    tagged(3, sequence(...extensions({ keys, issuerKeys, isCa, hosts }))),
  );
  const signature = sign('sha256', body, issuerKeys.privateKey);
  const lines = sequence(body, ecdsaWithSha256, bitString(signature))
    .toString('base64')
    .match(/.{1,64}/g);
  return `-----BEGIN CERTIFICATE-----\n${lines?.join('\n')}\n-----END CERTIFICATE-----\n`;
}

/** Both key identifiers are there because strict verifiers (Python 3.13) refuse a chain without them. */
function extensions(/** @type {Pick<Wanted, 'keys' | 'issuerKeys' | 'isCa' | 'hosts'>} */ wanted) {
  const { keys, issuerKeys, isCa, hosts } = wanted;
  const all = [
    extension('2.5.29.14', octetString(keys.identifier)),
    extension('2.5.29.35', sequence(tagged(0, issuerKeys.identifier, false))),
    extension('2.5.29.19', isCa ? sequence(Buffer.from([1, 1, 0xff])) : sequence(), true),
    // keyCertSign and cRLSign, or digitalSignature, with the count of unused bits first.
    extension('2.5.29.15', bitString(Buffer.from([isCa ? 0x06 : 0x80]), isCa ? 1 : 7), true),
  ];
  if (hosts !== undefined) {
    all.push(extension('2.5.29.37', sequence(objectId('1.3.6.1.5.5.7.3.1'))));
    all.push(extension('2.5.29.17', sequence(...hosts.map(alternativeName))));
  }
  return all;
}

/** @param {string} id @param {Buffer} value @param {boolean} [critical] */
function extension(id, value, critical = false) {
  const flag = critical ? [Buffer.from([1, 1, 0xff])] : [];
  return sequence(objectId(id), ...flag, octetString(value));
}

/** @param {string} host */
function alternativeName(host) {
  return isIP(host) === 0 ? tagged(2, Buffer.from(host), false) : tagged(7, addressOctets(host), false);
}

/** @param {string} address An IPv4 address or `::1`, all that a loopback server has. */
function addressOctets(address) {
  if (isIP(address) === 4) {
    return Buffer.from(address.split('.').map(Number));
  }
  if (address !== '::1') {
    throw new Error(`Only ::1 is known of IPv6, not ${address}.`);
  }
  return Buffer.concat([Buffer.alloc(15), Buffer.from([1])]);
}

/** @param {string} name */
function commonName(name) {
  return sequence(set(sequence(objectId('2.5.4.3'), utf8(name))));
}
