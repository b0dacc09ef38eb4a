// docs/security.md says who can do what: each cell is compared with the decision of the API server, and no permission is left out.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { WaitGroup } from '@konductor/cdk8s';
import { ServiceAccount } from 'cdk8s-plus-27';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { root } from '../../scripts/root.ts';
import { type Manifest, synth } from '../cdk8s/synth.ts';
import { administratorRequest } from '../support/cluster/administrator.ts';
import { installOperator, OPERATOR } from '../support/cluster/installed-operator.ts';
import { createNamespace } from '../support/cluster/namespaces.ts';
import type { PolicyRule } from '../support/cluster/permissions.ts';
import { kubectlOutput } from '../support/processes/kubectl.ts';
import { eventually } from '../support/waiting/eventually.ts';

const access = inject('controlPlane');
const OPERATOR_NAMESPACE = 'konductor-system';
const GRANTS = {
  waiter: 'grantWaiter',
  worker: 'grantWorker',
  coordinator: 'grantCoordinator',
  manager: 'grantManager',
} as const;

const [head = [], ...rows] = readTable(readFileSync(join(root, 'docs/security.md'), 'utf8'));
const cells = rows.flatMap(([what = '', ...decisions]) => {
  const [resource = ''] = what.split(' ').slice(-1);
  const verbs = what.replace(/ \S+$/, '').split(', ');
  return verbs.flatMap((verb) =>
    decisions.map((decision, index) => ({ verb, resource, who: head[index + 1] ?? '', decision })),
  );
});

function readTable(text: string): string[][] {
  const [, section = ''] = text.split('## Who can do what\n');
  const lines = (/^\|.*\n\|[-|]+\|\n(?:\|.*\n)+/m.exec(section)?.[0] ?? '').trimEnd().split('\n');
  return lines
    .filter((_, index) => index !== 1)
    .map((line) =>
      line
        .replaceAll('`', '')
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}

const manifests = synth((scope) => {
  const group = new WaitGroup(scope, 'Group', { metadata: { name: 'nightly' } });
  for (const [name, grant] of Object.entries(GRANTS))
    group[grant](new ServiceAccount(scope, name, { metadata: { name }, automountToken: false }));
});

let namespace: string;

beforeAll(async () => {
  namespace = await createNamespace(access, 'who-can');
  await installOperator(access);
  const bindings = ['konductor-view', 'konductor-edit'].map((role) => ({
    ...{ apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'RoleBinding', metadata: { name: role } },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role },
    subjects: [{ kind: 'ServiceAccount', name: role, namespace }],
  }));
  const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [...manifests, ...bindings] });
  await kubectlOutput(access, ['apply', '--server-side', '-n', namespace, '-f', '-'], { input });
});

interface Question {
  readonly verb: string;
  readonly resource: string;
  readonly who: string;
  readonly where?: string;
  readonly name?: string;
}

async function isAllowed({
  verb,
  resource: path,
  who,
  where = namespace,
  name = 'nightly',
}: Question): Promise<boolean> {
  const user = who === 'operator' ? OPERATOR : `system:serviceaccount:${namespace}:${who}`;
  const [qualified = '', subresource] = path.split('/');
  const [resource, ...group] = qualified.split('.');
  const isOurs = /^waitgroup/.test(path);
  const resourceAttributes = {
    ...{ namespace: where, verb, resource, subresource, name },
    group: isOurs ? 'konductor.io' : group.join('.'),
  };
  const body = {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SubjectAccessReview',
    spec: { user, resourceAttributes },
  };
  const request = { method: 'POST', path: '/apis/authorization.k8s.io/v1/subjectaccessreviews', body } as const;
  return (await administratorRequest<{ status: { allowed: boolean } }>(access, request)).status.allowed;
}

async function decide(question: Question): Promise<string> {
  const isOwn = await isAllowed(question);
  if (isOwn) return (await isAllowed({ ...question, name: 'other' })) ? 'all' : 'own';
  const lease = { ...question, where: OPERATOR_NAMESPACE, name: 'konductor-operator' };
  return (await isAllowed(lease)) ? 'own namespace' : '';
}

describe('the table of docs/security.md', () => {
  it('says what the API server decides', async () => {
    expect(cells.length).toBeGreaterThan(300);
    // The API server knows roles a moment after they were written.
    await eventually('the decisions', async () => {
      const wrong = [];
      for (const cell of cells) {
        const decided = await decide(cell);
        if (decided !== cell.decision) wrong.push({ ...cell, decided });
      }
      expect(wrong).toEqual([]);
      return true;
    });
  });

  it('leaves out no permission of the synthesized roles', () => {
    const install = parseAllDocuments(readFileSync(join(root, 'cdk8s/manifests/install.yaml'), 'utf8'));
    const roles = [...manifests, ...install.map((document) => document.toJS() as Manifest)].filter(({ kind }) =>
      ['Role', 'ClusterRole'].includes(kind),
    );
    const granted = roles.flatMap(({ rules = [] }: { rules?: PolicyRule[] }) => rules.flatMap(permissionsOf));
    const shown = cells.map(({ verb, resource }) => `${verb} ${resource}`);
    expect(granted.length).toBeGreaterThan(50);
    expect(granted.filter((permission) => !shown.includes(permission))).toEqual([]);
  });
});

function permissionsOf({ apiGroups, resources, verbs }: PolicyRule): string[] {
  const [group = ''] = apiGroups;
  const suffix = group === '' || group === 'konductor.io' ? '' : `.${group}`;
  return resources.flatMap((resource) => verbs.map((verb) => `${verb} ${resource}${suffix}`));
}
