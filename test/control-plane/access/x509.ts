// Issues X.509 certificates with P-256 keys (RFC 5280), because node:crypto reads certificates but does not sign them.
// Which certificates a control plane needs is left to certificates.ts.
import { generateKeyPairSync, hash, type KeyObject, randomBytes, sign, X509Certificate } from 'node:crypto';
import { isIPv4 } from 'node:net';
import * as der from './der.ts';

const HOUR_MS = 3_600_000;
const VALID_MS = 365 * 24 * HOUR_MS;
/** The content of object identifiers in DER, as hexadecimal digits. */
const OID = {
  ecdsaWithSha256: '2a8648ce3d040302',
  basicConstraints: '551d13',
  keyUsage: '551d0f',
  extendedKeyUsage: '551d25',
  subjectAlternativeName: '551d11',
  subjectKeyId: '551d0e',
  authorityKeyId: '551d23',
  organization: '55040a',
  commonName: '550403',
  serverAuth: '2b06010505070301',
  clientAuth: '2b06010505070302',
};
const ECDSA_WITH_SHA256 = der.sequence(der.objectIdentifier(OID.ecdsaWithSha256));
const KEY_CERT_SIGN = der.bitString(Buffer.from([0b0000_0100]), 2);
const DIGITAL_SIGNATURE = der.bitString(Buffer.from([0b1000_0000]), 7);

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
  /** A certificate for both ends of TLS; `hosts` are names and IPv4 addresses. It is valid now, unless `validity` says otherwise. */
  issue(subject: Subject, hosts?: readonly string[], validity?: Validity): KeyPair;
}

export interface Validity {
  readonly from: Date;
  readonly until: Date;
}

export function createAuthority(commonName: string, parent?: Issuer): CertificateAuthority {
  const { privateKey, publicKey } = generateKeys();
  const issuer: Issuer = { name: encodeName({ commonName }), privateKey, keyId: keyIdOf(publicKey) };
  const extensions = [
    extension(OID.basicConstraints, der.sequence(der.boolean(true)), { isCritical: true }),
    extension(OID.keyUsage, KEY_CERT_SIGN, { isCritical: true }),
  ];
  return {
    cert: certify(parent ?? issuer, { subject: issuer.name, publicKey, extensions, validity: currentValidity() }),
    intermediate: (name) => createAuthority(name, issuer),
    issue: (subject, hosts = [], validity = currentValidity()) => issueLeaf(issuer, { subject, hosts, validity }),
  };
}

interface Issuer {
  readonly name: Buffer;
  readonly privateKey: KeyObject;
  readonly keyId: Buffer;
}

interface Identity {
  readonly subject: Buffer;
  readonly publicKey: KeyObject;
  readonly extensions: readonly Buffer[];
  readonly validity: Validity;
}

interface Leaf {
  readonly subject: Subject;
  readonly hosts: readonly string[];
  readonly validity: Validity;
}

function currentValidity(): Validity {
  const now = Date.now();
  return { from: new Date(now - HOUR_MS), until: new Date(now + VALID_MS) };
}

function issueLeaf(issuer: Issuer, { subject, hosts, validity }: Leaf): KeyPair {
  const { privateKey, publicKey } = generateKeys();
  const extensions = [
    extension(OID.keyUsage, DIGITAL_SIGNATURE, { isCritical: true }),
    extension(OID.extendedKeyUsage, der.sequence(...[OID.serverAuth, OID.clientAuth].map(der.objectIdentifier))),
    ...(hosts.length > 0 ? [extension(OID.subjectAlternativeName, der.sequence(...hosts.map(encodeHost)))] : []),
  ];
  const cert = certify(issuer, { subject: encodeName(subject), publicKey, extensions, validity });
  return { cert, key: `${privateKey.export({ type: 'pkcs8', format: 'pem' })}` };
}

function certify(issuer: Issuer, { subject, publicKey, extensions, validity }: Identity): string {
  const version3 = der.explicit(0, der.integer(Buffer.from([2])));
  const keyIds = [
    extension(OID.subjectKeyId, der.octetString(keyIdOf(publicKey))),
    extension(OID.authorityKeyId, der.sequence(der.implicit(0, issuer.keyId))),
  ];
  const toBeSigned = der.sequence(
    version3,
    der.integer(Buffer.concat([Buffer.from([1]), randomBytes(15)])),
    ECDSA_WITH_SHA256,
    issuer.name,
    der.sequence(der.utcTime(validity.from), der.utcTime(validity.until)),
    subject,
    publicKey.export({ type: 'spki', format: 'der' }),
    der.explicit(3, der.sequence(...extensions, ...keyIds)),
  );
  const signature = sign('sha256', toBeSigned, issuer.privateKey);
  return new X509Certificate(der.sequence(toBeSigned, ECDSA_WITH_SHA256, der.bitString(signature))).toString();
}

function generateKeys() {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' });
}

function keyIdOf(publicKey: KeyObject): Buffer {
  return hash('sha1', publicKey.export({ type: 'spki', format: 'der' }), 'buffer');
}

function encodeName({ commonName, organizations = [] }: Subject): Buffer {
  const attribute = (oid: string, value: string) =>
    der.set(der.sequence(der.objectIdentifier(oid), der.utf8String(value)));
  return der.sequence(
    ...organizations.map((organization) => attribute(OID.organization, organization)),
    attribute(OID.commonName, commonName),
  );
}

function encodeHost(host: string): Buffer {
  return isIPv4(host) ? der.implicit(7, Buffer.from(host.split('.').map(Number))) : der.implicit(2, Buffer.from(host));
}

function extension(oid: string, value: Buffer, { isCritical = false } = {}): Buffer {
  return der.sequence(der.objectIdentifier(oid), ...(isCritical ? [der.boolean(true)] : []), der.octetString(value));
}
