import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { createChangePrinter } from '../../../../cli/src/features/watch/change-printer.ts';
import { buildStatus, buildWaitGroup } from '../../../schema/wait-groups.ts';

const one = buildWaitGroup({ status: buildStatus({ counter: 1 }) });
const other = buildWaitGroup({ metadata: { name: 'other', uid: 'uid-2' } });

describe('createChangePrinter', () => {
  it('prints consecutive JSON documents', async () => {
    const print = createChangePrinter('json', false);
    expect(JSON.parse(await print([one]))).toEqual(one);
    expect(await print([])).toBe('');
    const both = await print([one, other]);
    expect(JSON.parse(`[${both.replace('\n}\n{', '\n},{')}]`)).toEqual([one, other]);
  });

  it('prints a stream of YAML documents', async () => {
    const print = createChangePrinter('yaml', false);
    const stream = (await print([one])) + (await print([other, one]));
    expect(parseAllDocuments(stream).map((document) => document.toJS())).toEqual([one, other, one]);
  });

  it('prints a name for each change', async () => {
    const print = createChangePrinter('name', false);
    expect((await print([one])) + (await print([one]))).toBe('waitgroup.konductor.io/batch\n'.repeat(2));
  });

  it.each([
    ['text', false, /^NAME +COUNTER /],
    ['wide', true, /^NAMESPACE +NAME .*COMPLETED/],
  ] as const)('prints the table of -o %s', async (format, hasNamespaces, header) => {
    expect(await createChangePrinter(format, hasNamespaces)([one])).toMatch(header);
  });
});
