import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { systemAuthorities } from '../../../client/src/connect/system-authorities.ts';
import { createAuthority } from '../../control-plane/access/x509.ts';
import { temporaryDirectory } from './temporary-directory.ts';

const [one, two, three] = ['one', 'two', 'three'].map((name) => createAuthority(name).cert.trim()) as [
  string,
  string,
  string,
];

function systemWith(files: Readonly<Record<string, string>>): string {
  const { path: root } = temporaryDirectory();
  for (const [file, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), content);
  }
  return root;
}

describe('systemAuthorities', () => {
  it.each([
    '/etc/ssl/certs/ca-certificates.crt',
    '/etc/pki/tls/certs/ca-bundle.crt',
    '/etc/ssl/ca-bundle.pem',
    '/etc/pki/tls/cacert.pem',
    '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem',
    '/etc/ssl/cert.pem',
    '/etc/ssl/certs/one.pem',
    '/etc/pki/tls/certs/5ad8a5d6.0',
  ])('reads %s', (file) => {
    expect(systemAuthorities({}, systemWith({ [file]: `# a comment\n${one}\n\n${two}\n` }))).toBe(`${one}\n${two}`);
  });

  it('reads the first file, and all files of the directories, each certificate once', () => {
    const root = systemWith({
      '/etc/pki/tls/certs/ca-bundle.crt': one,
      '/etc/ssl/cert.pem': three,
      '/etc/ssl/certs/two.pem': two,
    });
    expect(systemAuthorities({}, root)).toBe(`${one}\n${two}`);
  });

  it('reads SSL_CERT_FILE and SSL_CERT_DIR in place of them, and NODE_EXTRA_CA_CERTS too', () => {
    const root = systemWith({ '/etc/ssl/cert.pem': one, '/a/1.pem': one, '/b/2.pem': two, '/3.pem': three });
    const at = (path: string) => join(root, path);
    expect(systemAuthorities({ SSL_CERT_FILE: at('3.pem') }, root)).toBe(three);
    expect(systemAuthorities({ SSL_CERT_FILE: at('none'), SSL_CERT_DIR: `${at('b')}:${at('a')}` }, root)).toBe(
      `${two}\n${one}`,
    );
    expect(systemAuthorities({ NODE_EXTRA_CA_CERTS: at('3.pem') }, root)).toBe(`${one}\n${three}`);
  });

  it('finds none in an image without files', () => {
    expect(systemAuthorities({}, systemWith({}))).toBeUndefined();
  });
});
