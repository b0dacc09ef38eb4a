// The floors of each package's src, lowest first: a folder may import the floors below its own, and nothing beside or above.
// `.projenrc.ts` makes a lint rule of this for each folder.
import { posix } from 'node:path';

type Floor = readonly string[];

/** The folders of one floor do not import each other. */
export const floors: Readonly<Record<string, readonly Floor[]>> = {
  schema: [['kind', 'values'], ['shape'], ['rules', 'check']],
  client: [
    ['core'],
    ['connect'],
    ['http'],
    ['http/bun', 'http/tunnel'],
    ['transport'],
    ['kubernetes'],
    ['wait-group'],
    ['wait-group/counting', 'wait-group/waiting'],
    ['wait-group/workers'],
  ],
  operator: [
    ['framework'],
    ['framework/leader-election'],
    ['flags', 'workers'],
    ['controller', 'serving'],
    ['hold', 'jobs', 'pods'],
    ['metrics'],
  ],
  cli: [
    ['process'],
    ['arguments'],
    ['output'],
    ['session'],
    ['features/workers'],
    ['features/run'],
    ['failure'],
    ['features/waiting', 'features/watch', 'features/doctor', 'features/completion'],
    ['features/status'],
    ['features/overview'],
    ['commands', 'commands/waitgroup'],
  ],
  cdk8s: [['props'], ['rbac', 'workloads'], ['wait-group'], ['patterns', 'install'], ['shipped', 'shipped/helm']],
};

/** The forbidden imports of a folder, as gitignore patterns over the specifiers. */
export function forbiddenImports(floors: readonly Floor[], folder: string): readonly string[] {
  const own = floors.findIndex((floor) => floor.includes(folder));
  const forbidden = floors
    .slice(own)
    .flat()
    .filter((other) => other !== folder);
  const relative = forbidden.map((other) => specifierOf(folder, other));
  const root = posix.relative(folder, '.');
  // Two files of a package's root are leaves.
  const leaves = ['errors', 'version'].map((leaf) => `!${root}/${leaf}.ts`);
  return [...(relative.length > 0 ? [`{${relative.join(',')}}/*`] : []), `${root}/*.ts`, ...leaves];
}

function specifierOf(from: string, to: string): string {
  const path = posix.relative(from, to);
  return path.startsWith('.') ? path : `./${path}`;
}
