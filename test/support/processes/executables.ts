// The compiled executables that tests and the demo drive; one that is older than its sources is rejected.
import { join } from 'node:path';
import { executables, isStale } from '../../../scripts/executables/executables.ts';
import { root } from '../../../scripts/root.ts';

export function koncliPath(): string {
  return freshPath('koncli');
}

export function operatorPath(): string {
  return freshPath('konductor-operator');
}

function freshPath(name: string): string {
  const executable = executables.find((one) => one.name === name);
  if (!executable) throw new Error(`no executable is called ${name}`);
  if (isStale(executable))
    throw new Error(`${executable.path} is missing or older than its sources: run npm run build`);
  return join(root, executable.path);
}
