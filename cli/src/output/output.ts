// What koncli prints on stdout, in the formats that `-o` names.
import { API_GROUP, currentStatus, type WaitGroup, waitGroupNames } from '@konductor/schema';
import type { OutputFormat } from '../arguments/global-options.ts';

/** What a verb has to show. */
export interface Result {
  readonly groups: readonly WaitGroup[];
  /** As a List in JSON and YAML, even of one. */
  readonly isList?: boolean;
  /** For `-o text` and `-o wide`; its last line is complete. */
  readonly text: (isWide: boolean) => string;
}

/** Everything that goes to stdout for a result. */
export async function render({ groups, isList = false, text }: Result, format: OutputFormat): Promise<string> {
  switch (format) {
    case 'text':
    case 'wide':
      return text(format === 'wide');
    case 'name':
      return groups.map(({ metadata }) => `${subject(metadata.name)}\n`).join('');
    case 'json':
    case 'yaml':
      return printDocument(documentOf(groups, isList), format);
  }
}

/** Any data as JSON or YAML. */
export async function printDocument(document: unknown, format: 'json' | 'yaml'): Promise<string> {
  if (format === 'json') return `${JSON.stringify(document, null, 4)}\n`;
  const { stringify } = await import('yaml');
  // kubectl reads YAML 1.1, in which more words and dates need quotes to be strings.
  return stringify(document, { version: '1.1', indentSeq: false });
}

/** `waitgroup.konductor.io/NAME`, as kubectl calls it. */
export function subject(name: string): string {
  return `${waitGroupNames.singular}.${API_GROUP}/${name}`;
}

/** The counter of a group, whether somebody has written its status or not. */
export function counterOf(group: WaitGroup): number {
  return currentStatus(group).counter;
}

/** The line for a group whose wait is over. */
export function describeWaited(group: WaitGroup): string {
  const { added = 0 } = currentStatus(group);
  const what = added === 0 ? 'nothing was ever added' : `added ${added} in all`;
  return `${subject(group.metadata.name)} is done, ${what}\n`;
}

function documentOf(groups: readonly WaitGroup[], isList: boolean): unknown {
  const items = groups.map(withoutManagedFields);
  return isList ? { apiVersion: 'v1', items, kind: 'List', metadata: { resourceVersion: '' } } : items[0];
}

/** kubectl leaves them out too: they are long, and nobody reads them. */
function withoutManagedFields(group: WaitGroup): WaitGroup {
  const { managedFields: _, ...metadata } = group.metadata as WaitGroup['metadata'] & { managedFields?: unknown };
  return { ...group, metadata };
}
