// The check of the WaitGroup schema as a module that loads no TypeBox: docs/decisions/0018.
import { Code } from 'typebox/compile';
import { WaitGroup } from '../../schema/src/shape/wait-group.ts';

/** What schema/src/check/wait-group-check.ts holds. */
export function waitGroupCheckSource(): string {
  const { Code: code, External: external } = Code(WaitGroup);
  const functions = [...code.matchAll(/^const check_\d+ = .*;$/gm)].map(([line]) => line);
  const patterns = external.variables.map((pattern) => `  ${pattern},`);
  return `// @ts-nocheck
// Generated from wait-group.ts by \`npm run synth\`.
import type { WaitGroup } from '../shape/wait-group.ts';

const Guard = { CodePointCount: (text: string) => [...text].length };
const ${external.identifier} = [
${patterns.join('\n')}
];
${functions.join('\n')}

/** Whether it is as the schema says. */
export function isWaitGroup(value: unknown): value is WaitGroup {
  return ${entryOf(code)};
}
`;
}

function entryOf(code: string): string {
  const [, entry] = /^export function Check\(value\) \{ return (.+) \}$/m.exec(code) ?? [];
  if (!entry)
    throw new Error('TypeBox writes a check in another way: look at scripts/generated/wait-group-check-source.ts');
  return entry;
}
