// Prints groups as they change, in the formats that `-o` names: lines of one table, or one document for each change.
import type { WaitGroup } from '@konductor/schema';
import type { OutputFormat } from '../arguments/global-options.ts';
import { render } from '../output/output.ts';
import { GrowingTable } from './growing-table.ts';

/** Everything that goes to stdout for groups that changed. */
export type PrintChanges = (groups: readonly WaitGroup[]) => Promise<string>;

/** `hasNamespaces`: the groups are of several. */
export function changePrinter(format: OutputFormat, hasNamespaces: boolean): PrintChanges {
  if (format === 'json' || format === 'yaml') return documentPrinter(format);
  const table = new GrowingTable({ isWide: format === 'wide', hasNamespaces });
  return async (groups) => await render({ groups, text: () => table.lines(groups, new Date()) }, format);
}

/** As kubectl does: JSON documents stand one after the other, YAML's are set apart. */
function documentPrinter(format: 'json' | 'yaml'): PrintChanges {
  let isFirst = true;
  return async (groups) => {
    let documents = '';
    for (const group of groups) {
      if (format === 'yaml' && !isFirst) documents += '---\n';
      documents += await render({ groups: [group], text: () => '' }, format);
      isFirst = false;
    }
    return documents;
  };
}
