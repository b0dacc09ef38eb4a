// The permissions that the verbs of koncli need, and the rules of a Role that grant them.
import { API_GROUP, waitGroupNames, workerNames } from '@konductor/schema';
import type { Call } from '../arguments/settings.ts';

/** Verbs on a resource, with its subresource, such as `waitgroups/status`. */
export interface Permission {
  readonly apiGroup: string;
  readonly resource: string;
  readonly verbs: readonly string[];
}

/** A rule of a Role. */
export interface Rule extends Permission {
  readonly resourceNames?: readonly string[];
}

export const READ: Permission = onWaitGroups('get', 'list', 'watch');
/** For changes that are counted for no worker in particular. */
export const COUNT: readonly Permission[] = [onSubresource('status', 'update')];
/** For changes that are counted for a worker. */
export const REPORT: readonly Permission[] = [
  onSubresource('report', 'create'),
  onWorkers('create', 'get', 'list', 'patch'),
];
export const RELEASE: readonly Permission[] = [onSubresource('manage', 'update'), onWorkers('get', 'patch')];
export const MANAGE: Permission = onWaitGroups('create', 'delete');
export const EVENTS: Permission = onEvents('create', 'list');

type Needs = (flags: Call['flags'], change: readonly Permission[]) => readonly Permission[];

/** What each verb of `koncli waitgroup` needs for all of its work; `change`: for a change of the counter. */
const NEEDS: Readonly<Record<string, Needs>> = {
  create: () => [onWaitGroups('create')],
  add: ({ create }, change) => [READ, ...change, ...(create ? [onWaitGroups('create')] : [])],
  done: (_, change) => [READ, ...change],
  fail: (_, change) => [READ, ...change],
  run: (_, change) => [READ, ...change],
  release: () => [onWaitGroups('get'), ...RELEASE],
  set: () => [READ, ...COUNT, onEvents('create')],
  wait: () => [READ],
  get: ({ watch }) => [watch ? READ : onWaitGroups('get')],
  list: ({ watch }) => [watch ? onWaitGroups('list', 'watch') : onWaitGroups('list')],
  status: () => [READ, onWorkers('list'), onEvents('list')],
  delete: () => [onWaitGroups('get', 'delete')],
};

/** All that the call needs, if that includes what it was denied; else the latter alone. */
export function neededFor(call: Call | undefined, denied: Permission): readonly Permission[] {
  const needs = (call && NEEDS[call.verb]?.(call.flags, call.isIdentified ? REPORT : COUNT)) ?? [];
  return needs.some((needed) => includes(needed, denied)) ? needs : [denied];
}

/** Limits to the names what RBAC can limit: not the create of an object, which has no name yet, nor workers or Events. */
export function rulesFor(permissions: readonly Permission[], names: readonly string[]): readonly Rule[] {
  return permissions.flatMap(({ verbs, ...resource }) => {
    const [kind, subresource] = resource.resource.split('/');
    const isNamed = (verb: string) =>
      names.length > 0 && kind === waitGroupNames.plural && (subresource !== undefined || verb !== 'create');
    const [named, others] = [verbs.filter(isNamed), verbs.filter((verb) => !isNamed(verb))];
    return [
      ...(named.length > 0 ? [{ ...resource, resourceNames: names, verbs: named }] : []),
      ...(others.length > 0 ? [{ ...resource, verbs: others }] : []),
    ];
  });
}

function includes(needed: Permission, { apiGroup, resource, verbs }: Permission): boolean {
  const isSame = needed.apiGroup === apiGroup && needed.resource === resource;
  return isSame && verbs.every((verb) => needed.verbs.includes(verb));
}

function onWaitGroups(...verbs: readonly string[]): Permission {
  return { apiGroup: API_GROUP, resource: waitGroupNames.plural, verbs };
}

function onSubresource(subresource: string, ...verbs: readonly string[]): Permission {
  return { apiGroup: API_GROUP, resource: `${waitGroupNames.plural}/${subresource}`, verbs };
}

function onWorkers(...verbs: readonly string[]): Permission {
  return { apiGroup: API_GROUP, resource: workerNames.plural, verbs };
}

function onEvents(...verbs: readonly string[]): Permission {
  return { apiGroup: '', resource: 'events', verbs };
}
