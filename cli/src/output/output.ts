// Results on stdout, in the formats of `-o`.
import { API_GROUP, currentStatus, type WaitGroup, type WaitGroupWorker, waitGroupNames } from '@konductor/schema';
import type { OutputFormat } from '../arguments/global-options.ts';
import { toText } from '../process/lines.ts';

/** An object that the API server stores. */
type Stored = WaitGroup | WaitGroupWorker;

/** The result of a verb. */
export interface Result {
  readonly objects: readonly Stored[];
  /** Whether JSON and YAML print a List, even for one. */
  readonly isList?: boolean;
  /** The output of `-o text` and `-o wide`. */
  readonly lines: (isWide: boolean) => readonly string[];
}

/** The whole output for a result. */
export async function render({ objects, isList = false, lines }: Result, format: OutputFormat): Promise<string> {
  switch (format) {
    case 'text':
    case 'wide':
      return toText(lines(format === 'wide'));
    case 'name':
      return toText(objects.map(({ kind, metadata }) => `${kind.toLowerCase()}.${API_GROUP}/${metadata.name}`));
    case 'json':
    case 'yaml':
      return printDocument(documentOf(objects, isList), format);
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

function documentOf(objects: readonly Stored[], isList: boolean): unknown {
  const items = objects.map(withoutManagedFields);
  return isList ? { apiVersion: 'v1', items, kind: 'List', metadata: { resourceVersion: '' } } : items[0];
}

/** kubectl omits them, too. */
function withoutManagedFields(object: Stored): Stored {
  const { managedFields: _, ...metadata } = object.metadata as Stored['metadata'] & { managedFields?: unknown };
  return { ...object, metadata };
}
