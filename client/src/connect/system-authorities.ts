// The CA certificates of the system, for a kubeconfig that names none: from the same places as Go, which kubectl is written in.
// https://go.dev/src/crypto/x509/root_linux.go
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The first one that exists counts. */
const FILES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/pki/tls/cacert.pem',
  '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem',
  '/etc/ssl/cert.pem',
];
const DIRECTORIES = ['/etc/ssl/certs', '/etc/pki/tls/certs'];
const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/**
 * All certificates in PEM; undefined when there are none. SSL_CERT_FILE and SSL_CERT_DIR replace the usual places, as in Go;
 * NODE_EXTRA_CA_CERTS adds to them. `root` is for tests.
 */
export function systemAuthorities(env: Readonly<Record<string, string | undefined>>, root = '/'): string | undefined {
  const files = env.SSL_CERT_FILE ? [env.SSL_CERT_FILE] : FILES.map((file) => join(root, file));
  const directories = env.SSL_CERT_DIR?.split(':') ?? DIRECTORIES.map((directory) => join(root, directory));
  const texts = [
    firstOf(files),
    ...directories.flatMap(filesIn).map(readText),
    env.NODE_EXTRA_CA_CERTS && readText(env.NODE_EXTRA_CA_CERTS),
  ];
  // Most directories hold the certificates of the file once more, each under two names.
  const certificates = new Set(texts.flatMap((text) => text?.match(CERTIFICATE) ?? []));
  return certificates.size === 0 ? undefined : [...certificates].join('\n');
}

function firstOf(files: readonly string[]): string | undefined {
  for (const file of files) {
    const text = readText(file);
    if (text !== undefined) return text;
  }
  return undefined;
}

function filesIn(directory: string): string[] {
  try {
    return readdirSync(directory).map((name) => join(directory, name));
  } catch {
    return [];
  }
}

/** Undefined for what cannot be read, such as a directory. */
function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
