// Results on stdout, in the formats of `-o`.
import { API_GROUP, currentStatus, type WaitGroup, waitGroupNames } from '@konductor/schema';
import type { OutputFormat } from '../arguments/global-options.ts';
import { toText } from '../process/lines.ts';

/** The result of a verb. */
export interface Result {
  readonly groups: readonly WaitGroup[];
  /** Whether JSON and YAML print a List, even for one. */
  readonly isList?: boolean;
  /** The output of `-o text` and `-o wide`. */
  readonly lines: (isWide: boolean) => readonly string[];
}

/** The whole output for a result. */
export async function render({ groups, isList = false, lines }: Result, format: OutputFormat): Promise<string> {
  switch (format) {
    case 'text':
    case 'wide':
      return toText(lines(format === 'wide'));
    case 'name':
      return toText(groups.map(({ metadata }) => subject(metadata.name)));
    case 'json':
    case 'yaml':
      return printDocument(documentOf(groups, isList), format);
  }
}

/** Formats any data as JSON or YAML. */
export async function printDocument(document: unknown, format: 'json' | 'yaml'): Promise<string> {
  if (format === 'json') return `${JSON.stringify(document, null, 4)}\n`;
  const { stringify } = await import('yaml');
  // kubectl reads YAML 1.1, where more words and dates need quotes.
  return stringify(document, { version: '1.1', indentSeq: false });
}

/** `waitgroup.konductor.io/NAME`, as kubectl prints it. */
export function subject(name: string): string {
  return `${waitGroupNames.singular}.${API_GROUP}/${name}`;
}

/** The counter, also of a WaitGroup without a status. */
export function counterOf(group: WaitGroup): number {
  return currentStatus(group).counter;
}

/** How much was ever added. */
export function totalOf(group: WaitGroup): number {
  return currentStatus(group).added ?? 0;
}

/** The line for a WaitGroup that is done. While work is outstanding, a round before was waited for. */
export function describeWaited(group: WaitGroup): string {
  const { counter, added = 0, failure } = currentStatus(group);
  const what = added === 0 ? 'no work was added' : `${added} added in total`;
  const failed = counter === 0 && failure ? `, but failed (${failure.reason})` : '';
  return `${subject(group.metadata.name)} is done, ${what}${failed}`;
}

function documentOf(groups: readonly WaitGroup[], isList: boolean): unknown {
  const items = groups.map(withoutManagedFields);
  return isList ? { apiVersion: 'v1', items, kind: 'List', metadata: { resourceVersion: '' } } : items[0];
}

/** kubectl omits them, too. */
function withoutManagedFields(group: WaitGroup): WaitGroup {
  const { managedFields: _, ...metadata } = group.metadata as WaitGroup['metadata'] & { managedFields?: unknown };
  return { ...group, metadata };
}
