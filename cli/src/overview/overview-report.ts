// What koncli status prints, in the formats that -o names.

import type { OutputFormat } from '../arguments/global-options.ts';
import { asCalledBy } from '../arguments/program-name.ts';
import type { Check } from '../doctor/check.ts';
import { documentOf, formatChecks } from '../doctor/report.ts';
import { printDocument, render } from '../output/output.ts';
import { align } from '../output/table.ts';
import { commandOn, stepsAsCalledBy } from '../status/advice.ts';
import type { Overview } from './overview.ts';

/** What was seen of a cluster, or of one namespace of it. */
export interface SeenCluster {
  readonly checks: readonly Check[];
  readonly overview: Overview;
  /** Whether the groups are of several namespaces. */
  readonly hasNamespaces: boolean;
  /** What koncli is called by. */
  readonly program: string;
}

/** Everything that goes to stdout. */
export async function renderOverview(seen: SeenCluster, format: OutputFormat): Promise<string> {
  const { checks, overview } = seen;
  if (format === 'json' || format === 'yaml')
    return printDocument({ ...documentOf(checks), ...groupsDocument(seen) }, format);
  const groups = overview.attention.map(({ group }) => group);
  return render({ groups, text: (isWide) => formatOverview(seen, isWide) }, format);
}

/** The checks, then a line for each group that needs attention; when it is wide, for each group. */
export function formatOverview({ checks, overview, hasNamespaces, program }: SeenCluster, isWide: boolean): string {
  const shown = isWide ? overview.all : overview.attention;
  const lines = formatChecks(checks);
  if (shown.length === 0) return lines;
  const rows = shown.map(({ group, advice }) => {
    const { namespace = '', name } = group.metadata;
    const next = asCalledBy(program, commandOn('koncli waitgroup status', group));
    return [...(hasNamespaces ? [namespace] : []), name, next, advice.state];
  });
  return `${lines}\n${align([[...(hasNamespaces ? ['NAMESPACE'] : []), 'NAME', 'NEXT', 'STATE'], ...rows])}`;
}

function groupsDocument({ overview: { phases, attention }, program }: SeenCluster): object {
  const groups = attention.map(({ group: { metadata }, advice: { state, steps } }) => {
    const { namespace, name } = metadata;
    return { namespace, name, state, steps: stepsAsCalledBy(program, steps) };
  });
  return { waitGroups: phases, attention: groups };
}
