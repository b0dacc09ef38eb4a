import { X509Certificate } from 'node:crypto';
import { expect, it } from 'vitest';
import { createAuthority } from './x509.ts';

const authority = createAuthority('test-authority');
const authorityCertificate = new X509Certificate(authority.cert);

it('signs its own certificate as an authority', () => {
  expect(authorityCertificate.ca).toBe(true);
  expect(authorityCertificate.verify(authorityCertificate.publicKey)).toBe(true);
});

it('issues certificates that hold for the given hosts and for no other', () => {
  const certificate = new X509Certificate(authority.issue({ commonName: 'server' }, ['localhost', '127.0.0.1']).cert);
  expect(certificate.verify(authorityCertificate.publicKey)).toBe(true);
  expect(certificate.checkIssued(authorityCertificate)).toBe(true);
  expect(certificate.ca).toBe(false);
  expect(certificate.checkHost('localhost')).toBe('localhost');
  expect(certificate.checkIP('127.0.0.1')).toBe('127.0.0.1');
  expect(certificate.checkHost('example.com')).toBeUndefined();
});

it('names the user and the groups in the subject', () => {
  const { cert } = authority.issue({ commonName: 'jane', organizations: ['system:masters', 'développeurs'] });
  expect(new X509Certificate(cert).subject.split('\n')).toEqual(['O=system:masters', 'O=développeurs', 'CN=jane']);
});

it('gives certificates that are valid now and not for ever', () => {
  const { validFromDate, validToDate } = authorityCertificate;
  expect(validFromDate.getTime()).toBeLessThan(Date.now());
  expect(validToDate.getTime() - Date.now()).toBeGreaterThan(300 * 24 * 3_600_000);
  expect(validToDate.getFullYear()).toBeLessThan(2050);
});
