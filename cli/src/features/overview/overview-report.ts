// The output of koncli status, in the formats of `-o`.
import type { OutputFormat } from '../../arguments/global-options.ts';
import { asCalledBy } from '../../arguments/program-name.ts';
import { commandOn } from '../../output/command-line.ts';
import { printDocument, render } from '../../output/output.ts';
import { align } from '../../output/table.ts';
import type { Check } from '../doctor/check.ts';
import { documentOf, formatChecks } from '../doctor/report.ts';
import { stepsAsCalledBy } from '../status/advice.ts';
import type { Overview } from './overview.ts';

/** The overview of a cluster, or of one of its namespaces. */
export interface ClusterOverview {
  readonly checks: readonly Check[];
  readonly overview: Overview;
  /** Whether to show namespaces. */
  readonly hasNamespaces: boolean;
  /** The name that koncli was called by. */
  readonly program: string;
}

/** Formats the whole output. */
export async function renderOverview(cluster: ClusterOverview, format: OutputFormat): Promise<string> {
  const { checks, overview } = cluster;
  if (format === 'json' || format === 'yaml')
    return printDocument({ ...documentOf(checks, cluster.program), ...groupsDocument(cluster) }, format);
  const groups = overview.attention.map(({ group }) => group);
  return render({ objects: groups, lines: (isWide) => formatOverview(cluster, isWide) }, format);
}

/** Formats the checks and a line for each WaitGroup that needs attention; when wide, for each WaitGroup. */
export function formatOverview(
  { checks, overview, hasNamespaces, program }: ClusterOverview,
  isWide: boolean,
): readonly string[] {
  const shown = isWide ? overview.all : overview.attention;
  const lines = formatChecks(checks, program);
  if (shown.length === 0) return lines;
  const rows = shown.map(({ group, advice }) => {
    const { namespace = '', name } = group.metadata;
    const next = asCalledBy(program, commandOn('koncli waitgroup status', group.metadata));
    return [...(hasNamespaces ? [namespace] : []), name, next, advice.state];
  });
  return [...lines, '', ...align([[...(hasNamespaces ? ['NAMESPACE'] : []), 'NAME', 'NEXT', 'STATE'], ...rows])];
}

function groupsDocument({ overview: { phases, attention }, program }: ClusterOverview): object {
  const groups = attention.map(({ group: { metadata }, advice: { state, steps } }) => {
    const { namespace, name } = metadata;
    return { namespace, name, state, steps: stepsAsCalledBy(program, steps) };
  });
  return { waitGroups: phases, attention: groups };
}
