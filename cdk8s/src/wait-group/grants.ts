// The Roles and RoleBindings of one WaitGroup.
import { type IServiceAccount, k8s } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import { coordinatorRules, managerRules, waiterRules, workerRules } from '../rbac/rules.ts';
import type { Group } from '../workloads/participants.ts';

const RULES = {
  ...{ worker: workerRules, coordinator: coordinatorRules, waiter: waiterRules, manager: managerRules },
};

/** What an account may do with a WaitGroup. */
export type Purpose = keyof typeof RULES;

/** A service account as a RoleBinding names it. */
export type Account = Pick<ReturnType<IServiceAccount['toSubjectConfiguration']>, 'name' | 'namespace'>;

/** Roles and bindings named `<WaitGroup>-<purpose>`, each created with its first account and shared by all accounts. */
export class Grants extends Construct {
  readonly #group: Group;
  readonly #subjects = new Map<string, k8s.Subject[]>();

  constructor(scope: Construct, id: string, group: Group) {
    super(scope, id);
    this.#group = group;
  }

  /** The suffix goes into the name of the Role, and sets it apart from Roles that other charts create. */
  add(purpose: Purpose, account: Account, suffix = ''): void {
    const name = `${this.#group.name}-${purpose}${suffix}`;
    const subjects = this.#subjects.get(name) ?? this.#bind(name, RULES[purpose](this.#group.name));
    if (!subjects.some((subject) => subject.name === account.name && subject.namespace === account.namespace))
      subjects.push({ kind: 'ServiceAccount', name: account.name, namespace: account.namespace });
  }

  /** Returns the list that the binding renders as its subjects at synthesis. */
  #bind(name: string, rules: k8s.PolicyRule[]): k8s.Subject[] {
    const subjects: k8s.Subject[] = [];
    this.#subjects.set(name, subjects);
    const metadata = { name, namespace: this.#group.namespace };
    const { apiGroup, kind } = new k8s.KubeRole(this, `${name}-role`, { metadata, rules });
    const roleRef = { apiGroup, kind, name };
    new k8s.KubeRoleBinding(this, `${name}-binding`, { metadata, roleRef, subjects });
    return subjects;
  }
}
