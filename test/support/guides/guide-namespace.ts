// The namespace that a guide is followed in: any that the reader may have, so none that the guide could assume.
import type { AdministratorAccess } from '../cluster/administrator.ts';
import { createNamespace } from '../cluster/namespaces.ts';

/** Creates one with a name as odd as Kubernetes allows: it begins with a digit, and has 63 characters. */
export function createGuideNamespace(access: AdministratorAccess, prefix: string): Promise<string> {
  return createNamespace(access, `0-${prefix}-is-not-the-default`.padEnd(54, 'x'));
}
