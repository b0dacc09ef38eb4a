// What the constructs take of @konductor/schema, as modules of their own: the published package depends on nothing but its peers. The
// pure files are copied; the CRDs and the names of the kinds, which depend on TypeBox, become data.
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  API_GROUP,
  API_GROUP_VERSION,
  customResourceDefinition,
  waitGroupKind,
  waitGroupNames,
  waitGroupWorkerKind,
  workerNames,
} from '@konductor/schema';
import { root } from '../root.ts';

/** Those that import one another and nothing else. */
const COPIED = ['kind/labels.ts', 'rules/hold.ts', 'values/dns-name.ts', 'values/duration.ts'];

/** Writes the folder whose index exports, of the names of @konductor/schema, those that the constructs import. */
export function writeSchemaModules(folder: string): void {
  for (const path of COPIED) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    cpSync(join(root, 'schema/src', path), join(folder, path));
  }
  const crds = [waitGroupKind, waitGroupWorkerKind].map((kind) => [kind.kind, customResourceDefinition(kind)]);
  const lines = [
    ...COPIED.map((path) => `export * from './${path}';`),
    constant('API_GROUP', API_GROUP),
    constant('API_GROUP_VERSION', API_GROUP_VERSION),
    constant('waitGroupNames', waitGroupNames),
    constant('workerNames', workerNames),
    'export const waitGroupKind = waitGroupNames;',
    'export const waitGroupWorkerKind = workerNames;',
    `const CRDS = ${JSON.stringify(Object.fromEntries(crds), null, 2)};`,
    'export const customResourceDefinition = ({ kind }: { readonly kind: keyof typeof CRDS }) => CRDS[kind];',
  ];
  writeFileSync(join(folder, 'index.ts'), `${lines.join('\n')}\n`);
}

const constant = (name: string, value: unknown) => `export const ${name} = ${JSON.stringify(value)} as const;`;
