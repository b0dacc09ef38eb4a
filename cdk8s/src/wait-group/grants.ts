// The roles that a WaitGroup hands out, and who holds them.
import { type IServiceAccount, k8s } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import { managerRules, waiterRules, workerRules } from '../rbac/rules.ts';

const RULES = { worker: workerRules, waiter: waiterRules, manager: managerRules };

/** What an account is to a group. */
export type Purpose = keyof typeof RULES;

/** The group whose rights are granted. */
export interface GrantedGroup {
  readonly name: string;
  readonly namespace: string | undefined;
}

/** A service account, as a role binding names it. */
export type Account = Pick<ReturnType<IServiceAccount['toSubjectConfiguration']>, 'name' | 'namespace'>;

/** Roles and bindings named `<group>-<purpose>`: one of each for all accounts, made with the first. */
export class Grants extends Construct {
  readonly #group: GrantedGroup;
  readonly #subjects = new Map<string, k8s.Subject[]>();

  constructor(scope: Construct, id: string, group: GrantedGroup) {
    super(scope, id);
    this.#group = group;
  }

  /** A suffix keeps roles apart that somebody else may make too. */
  add(purpose: Purpose, account: Account, suffix = ''): void {
    const name = `${this.#group.name}-${purpose}${suffix}`;
    const subjects = this.#subjects.get(name) ?? this.#bind(name, RULES[purpose](this.#group.name));
    if (!subjects.some((subject) => subject.name === account.name && subject.namespace === account.namespace))
      subjects.push({ kind: 'ServiceAccount', name: account.name, namespace: account.namespace });
  }

  /** Returns what the binding renders as its subjects, at synthesis. */
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
