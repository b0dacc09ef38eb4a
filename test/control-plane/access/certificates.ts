// The identities of one control plane: its authority, its serving certificates, its clients' and its token signer's.
import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createAuthority, type KeyPair } from './x509.ts';

const HOSTS = ['127.0.0.1', 'localhost', '10.0.0.1', 'kubernetes', 'kubernetes.default', 'kubernetes.default.svc'];

/** What the servers read from disk, as paths. */
export interface CertificateFiles {
  readonly authority: string;
  readonly serving: { readonly cert: string; readonly key: string };
  readonly serviceAccountKey: string;
}

export interface Certificates {
  readonly files: CertificateFiles;
  /** PEM of the authority that signed them all. */
  readonly authority: string;
  /** In system:masters: may do everything. */
  readonly admin: KeyPair;
  readonly controllerManager: KeyPair;
}

export function createCertificates(directory: string): Certificates {
  const authority = createAuthority('konductor-control-plane');
  const write = (name: string, content: string) => {
    const path = join(directory, name);
    writeFileSync(path, content, { mode: 0o600 });
    return path;
  };
  const serving = authority.issue({ commonName: 'kube-apiserver' }, HOSTS);
  return {
    files: {
      authority: write('ca.crt', authority.cert),
      serving: { cert: write('serving.crt', serving.cert), key: write('serving.key', serving.key) },
      serviceAccountKey: write('service-account.key', createSigningKey()),
    },
    authority: authority.cert,
    admin: authority.issue({ commonName: 'konductor-admin', organizations: ['system:masters'] }),
    controllerManager: authority.issue({ commonName: 'system:kube-controller-manager' }),
  };
}

/** SEC1, because the API server derives the public key from it, which it does not from PKCS #8. */
function createSigningKey(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return `${privateKey.export({ type: 'sec1', format: 'pem' })}`;
}
