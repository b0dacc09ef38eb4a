import { failRound } from '@konductor/schema';
import { describe, expect, it } from 'vitest';
import { overviewOf, summarize } from '../../../../cli/src/features/overview/overview.ts';
import { formatOverview, renderOverview } from '../../../../cli/src/features/overview/overview-report.ts';
import { buildStatus, buildWaitGroup, NOW } from '../../../schema/wait-groups.ts';

const stuck = buildWaitGroup({ metadata: { name: 'stuck' }, status: buildStatus({ counter: 3, added: 3 }) });
const busyStatus = buildStatus({ counter: 3, added: 3 });
const busy = buildWaitGroup({
  metadata: { creationTimestamp: NOW.toISOString() },
  status: busyStatus,
});
const failed = buildWaitGroup({
  metadata: { name: 'failed' },
  status: failRound(busyStatus, { reason: 'DiskFull', message: 'no space left' }, NOW),
});
const idle = buildWaitGroup({ metadata: { name: 'idle', namespace: 'other' } });
const program = 'koncli';
const checks = [{ name: 'CRD', outcome: 'ok', message: 'is there' }] as const;

describe('overviewOf', () => {
  it('counts phases and picks what needs attention', () => {
    const { phases, all, attention } = overviewOf([stuck, idle, failed], { pods: undefined, now: NOW });
    expect(phases).toEqual({ Waiting: 2, Done: 1 });
    expect(all.map(({ group }) => group)).toEqual([stuck, idle, failed]);
    expect(attention.map(({ group }) => group)).toEqual([stuck, failed]);
  });

  it('claims that none needs attention only if the pods are known', () => {
    const overview = overviewOf([busy], { pods: new Set(['jobs/x']), now: NOW });
    expect(summarize(overview, 'here')).toBe('1 in here: 1 Waiting, 0 Done; none needs attention');
  });

  it.each([
    [[], 'none in here'],
    [[idle], '1 in here: 0 Waiting, 1 Done; none needs attention'],
    [[busy], '1 in here: 1 Waiting, 0 Done; none is known to need attention, but pods cannot be listed'],
    [[stuck], '1 in here: 1 Waiting, 0 Done; 1 needs attention'],
    [[stuck, stuck, idle], '3 in here: 2 Waiting, 1 Done; 2 need attention'],
    [[failed, idle], '2 in here: 1 Waiting, 1 Done, 1 of them failed; 1 needs attention'],
  ])('is summarized in one line: %#', (groups, line) => {
    expect(summarize(overviewOf(groups, { pods: undefined, now: NOW }), 'here')).toBe(line);
  });
});

describe('renderOverview', () => {
  const overview = overviewOf([stuck, idle], { pods: undefined, now: NOW });
  const state = 'Waiting: 3 outstanding, 3 added in total; no change yet; no work marked done for 55m';

  it('shows the checks and the WaitGroups that need attention', () => {
    expect(formatOverview({ checks, overview, hasNamespaces: false, program }, false)).toEqual([
      'ok   CRD   is there',
      '',
      'NAME    NEXT                                    STATE',
      `stuck   koncli waitgroup status stuck -n jobs   ${state}`,
    ]);
    const none = overviewOf([idle], { pods: undefined, now: NOW });
    expect(formatOverview({ checks, overview: none, hasNamespaces: false, program }, false)).toEqual([
      'ok   CRD   is there',
    ]);
  });

  it('shows all WaitGroups with -o wide, and their namespaces with -A', () => {
    const lines = formatOverview({ checks, overview, hasNamespaces: true, program }, true);
    expect(lines[2]).toMatch(/^NAMESPACE {3}NAME {4}NEXT +STATE$/);
    expect(lines[4]).toMatch(/^other {7}idle {4}koncli waitgroup status idle -n other {3}Done: no work has been added/);
  });

  it('uses the name that koncli was called by, with aligned columns', async () => {
    const seen = { checks, overview, hasNamespaces: false, program: 'kubectl konductor' };
    const [, , header = '', line = ''] = formatOverview(seen, false);
    expect(line).toMatch(/^stuck {3}kubectl konductor waitgroup status stuck -n jobs {3}Waiting/);
    expect(header.indexOf('STATE')).toBe(line.indexOf('Waiting'));
    expect(await renderOverview(seen, 'yaml')).toContain('command: kubectl konductor waitgroup set stuck');
  });

  it('prints data as JSON, and with -o name the names of those that need attention', async () => {
    const seen = { checks, overview, hasNamespaces: false, program };
    const steps = [
      { command: 'kubectl get jobs,pods -n jobs' },
      { command: 'koncli waitgroup set stuck --counter N --reason WHY -n jobs' },
    ];
    expect(JSON.parse(await renderOverview(seen, 'json'))).toMatchObject({
      checks,
      waitGroups: { Waiting: 1, Done: 1 },
      attention: [{ namespace: 'jobs', name: 'stuck', state, steps }],
    });
    expect(await renderOverview(seen, 'name')).toBe('waitgroup.konductor.io/stuck\n');
  });
});
