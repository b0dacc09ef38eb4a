// Gives every test a namespace of its own.
import { randomBytes } from 'node:crypto';
import { type AdministratorAccess, administratorRequest } from './administrator.ts';

/** Creates `<prefix>-<random>` and returns its name; the labels may set a Pod Security Standard. */
export async function createNamespace(
  access: AdministratorAccess,
  prefix: string,
  labels: Readonly<Record<string, string>> = {},
): Promise<string> {
  const name = `${prefix}-${randomBytes(4).toString('hex')}`;
  const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } };
  await administratorRequest(access, { method: 'POST', path: '/api/v1/namespaces', body });
  return name;
}
