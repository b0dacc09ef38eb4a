// What a shell must export to reach a control plane, with the kubectl of its version.
import { delimiter, dirname } from 'node:path';
import type { ControlPlaneAccess } from '../control-plane.ts';

/** Lines for a shell to evaluate; `folders` come first in its PATH. */
export function exportLines(
  { kubeconfig, kubectl }: Pick<ControlPlaneAccess, 'kubeconfig' | 'kubectl'>,
  folders: readonly string[] = [],
): string[] {
  const path = [...folders, dirname(kubectl)].join(delimiter);
  return [`export KUBECONFIG=${quote(kubeconfig)}`, `export PATH=${quote(path)}:"$PATH"`];
}

function quote(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
