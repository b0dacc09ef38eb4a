// Formats changed WaitGroups in the format of `-o`: lines of one table, or one document for each change.
import type { WaitGroup } from '@konductor/schema';
import type { OutputFormat } from '../../arguments/global-options.ts';
import { render } from '../../output/output.ts';
import { GrowingTable } from './growing-table.ts';

/** Formats WaitGroups that changed. */
export type ChangePrinter = (groups: readonly WaitGroup[]) => Promise<string>;

/** `hasNamespaces`: whether to show namespaces. */
export function createChangePrinter(format: OutputFormat, hasNamespaces: boolean): ChangePrinter {
  if (format === 'json' || format === 'yaml') return createDocumentPrinter(format);
  const table = new GrowingTable({ isWide: format === 'wide', hasNamespaces });
  return async (groups) => await render({ objects: groups, lines: () => table.lines(groups, new Date()) }, format);
}

/** `---` separates YAML documents, and nothing separates JSON documents, as in kubectl. */
function createDocumentPrinter(format: 'json' | 'yaml'): ChangePrinter {
  let isFirst = true;
  return async (groups) => {
    let documents = '';
    for (const group of groups) {
      if (format === 'yaml' && !isFirst) documents += '---\n';
      documents += await render({ objects: [group], lines: () => [] }, format);
      isFirst = false;
    }
    return documents;
  };
}
