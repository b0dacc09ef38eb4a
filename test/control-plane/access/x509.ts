// Issues X.509 certificates with P-256 keys (RFC 5280), because node:crypto reads certificates but does not sign them.
// Which certificates a control plane needs is left to certificates.ts.
import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { isIPv4 } from 'node:net';
import * as der from './der.ts';

const HOUR_MS = 3_600_000;
const VALID_MS = 365 * 24 * HOUR_MS;
const ECDSA_WITH_SHA256 = der.sequence(der.objectIdentifier('1.2.840.10045.4.3.2'));
const KEY_CERT_SIGN = der.bitString(Buffer.from([0b0000_0100]), 2);
const DIGITAL_SIGNATURE = der.bitString(Buffer.from([0b1000_0000]), 7);
const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';
const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';

/** A certificate and its private key, both PEM. */
export interface KeyPair {
  readonly cert: string;
  readonly key: string;
}

/** Kubernetes reads the common name as the user and the organizations as the groups. */
export interface Subject {
  readonly commonName: string;
  readonly organizations?: readonly string[];
}

export interface CertificateAuthority {
  /** PEM; self-signed, unless it is an intermediate. */
  readonly cert: string;
  /** An authority whose certificate this one signs. */
  intermediate(commonName: string): CertificateAuthority;
  /** A certificate for both ends of TLS; `hosts` are names and IPv4 addresses. */
  issue(subject: Subject, hosts?: readonly string[]): KeyPair;
}

export function createAuthority(commonName: string, parent?: Issuer): CertificateAuthority {
  const { privateKey, publicKey } = generateKeys();
  const issuer: Issuer = { name: encodeName({ commonName }), privateKey, keyId: keyIdOf(publicKey) };
  const extensions = [
    extension('2.5.29.19', der.sequence(der.boolean(true)), { isCritical: true }),
    extension('2.5.29.15', KEY_CERT_SIGN, { isCritical: true }),
  ];
  return {
    cert: certify(parent ?? issuer, { subject: issuer.name, publicKey, extensions }),
    intermediate: (name) => createAuthority(name, issuer),
    issue: (subject, hosts = []) => issueLeaf(issuer, subject, hosts),
  };
}

interface Issuer {
  readonly name: Buffer;
  readonly privateKey: KeyObject;
  readonly keyId: Buffer;
}

interface Certificate {
  readonly subject: Buffer;
  readonly publicKey: KeyObject;
  readonly extensions: readonly Buffer[];
}

function issueLeaf(issuer: Issuer, subject: Subject, hosts: readonly string[]): KeyPair {
  const { privateKey, publicKey } = generateKeys();
  const extensions = [
    extension('2.5.29.15', DIGITAL_SIGNATURE, { isCritical: true }),
    extension('2.5.29.37', der.sequence(...[SERVER_AUTH, CLIENT_AUTH].map(der.objectIdentifier))),
    ...(hosts.length > 0 ? [extension('2.5.29.17', der.sequence(...hosts.map(encodeHost)))] : []),
  ];
  const cert = certify(issuer, { subject: encodeName(subject), publicKey, extensions });
  return { cert, key: `${privateKey.export({ type: 'pkcs8', format: 'pem' })}` };
}

function certify(issuer: Issuer, { subject, publicKey, extensions }: Certificate): string {
  const now = Date.now();
  const version3 = der.explicit(0, der.integer(Buffer.from([2])));
  const keyIds = [
    extension('2.5.29.14', der.octetString(keyIdOf(publicKey))),
    extension('2.5.29.35', der.sequence(der.implicit(0, issuer.keyId))),
  ];
  const toBeSigned = der.sequence(
    version3,
    der.integer(Buffer.concat([Buffer.from([1]), randomBytes(15)])),
    ECDSA_WITH_SHA256,
    issuer.name,
    der.sequence(der.utcTime(new Date(now - HOUR_MS)), der.utcTime(new Date(now + VALID_MS))),
    subject,
    publicKey.export({ type: 'spki', format: 'der' }),
    der.explicit(3, der.sequence(...extensions, ...keyIds)),
  );
  const signature = sign('sha256', toBeSigned, issuer.privateKey);
  return toPem(der.sequence(toBeSigned, ECDSA_WITH_SHA256, der.bitString(signature)));
}

function generateKeys() {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' });
}

function keyIdOf(publicKey: KeyObject): Buffer {
  return createHash('sha1')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest();
}

function encodeName({ commonName, organizations = [] }: Subject): Buffer {
  const attribute = (oid: string, value: string) =>
    der.set(der.sequence(der.objectIdentifier(oid), der.utf8String(value)));
  return der.sequence(
    ...organizations.map((organization) => attribute('2.5.4.10', organization)),
    attribute('2.5.4.3', commonName),
  );
}

function encodeHost(host: string): Buffer {
  return isIPv4(host) ? der.implicit(7, Buffer.from(host.split('.').map(Number))) : der.implicit(2, Buffer.from(host));
}

function extension(oid: string, value: Buffer, { isCritical = false } = {}): Buffer {
  return der.sequence(der.objectIdentifier(oid), ...(isCritical ? [der.boolean(true)] : []), der.octetString(value));
}

function toPem(certificate: Buffer): string {
  const lines = certificate.toString('base64').match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}
