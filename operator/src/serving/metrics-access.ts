// Who may read the metrics: whoever Kubernetes knows by the bearer token (TokenReview), and may get the path
// (SubjectAccessReview), as in controller-runtime's WithAuthenticationAndAuthorization. Answers are kept for a short time.
import { createHash } from 'node:crypto';
import { ForbiddenError, type KubeTransport, resourcePath } from '@konductor/client';
import type { Logger } from '../framework/logger.ts';
import type { Answer, Route, Routes } from './http-server.ts';

const ALLOWED_MS = 60_000;
const REFUSED_MS = 10_000;
/** Callers can make up tokens. */
const MOST_ANSWERS = 1_000;
const TIMEOUT_MS = 10_000;

const refusals = {
  unauthenticated: { code: 401, body: 'unauthorized\n' },
  forbidden: { code: 403, body: 'forbidden: it takes the right to get the nonResourceURL of this path\n' },
  unknown: { code: 500, body: 'authentication failed\n' },
} satisfies Record<string, Answer>;

type Verdict = 'allowed' | keyof typeof refusals;

interface TokenReview {
  readonly status?: { readonly authenticated?: boolean; readonly user?: UserInfo };
}

interface UserInfo {
  readonly username?: string;
  readonly uid?: string;
  readonly groups?: readonly string[];
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

interface SubjectAccessReview {
  readonly status?: { readonly allowed?: boolean };
}

export interface MetricsAccessOptions {
  readonly transport: KubeTransport;
  readonly logger: Logger;
  /** Beyond this many the oldest answers are forgotten; 1,000 unless said otherwise. */
  readonly mostAnswers?: number;
  /** Milliseconds of a monotonic clock; for tests. */
  readonly now?: () => number;
}

export class MetricsAccess {
  readonly #options: MetricsAccessOptions;
  readonly #now: () => number;
  readonly #answers = new Map<string, { readonly verdict: Verdict; readonly until: number }>();

  constructor(options: MetricsAccessOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
  }

  /** The same routes, for those who may read them. */
  guard(routes: Routes): Routes {
    return Object.fromEntries(Object.entries(routes).map(([path, route]) => [path, this.#guarded(route)]));
  }

  #guarded(route: Route): Route {
    return async (request) => {
      const token = /^Bearer +(\S+)$/i.exec(request.authorization ?? '')?.[1];
      if (token === undefined) return refusals.unauthenticated;
      const verdict = await this.#verdict(token, request.path).catch((err) => this.#unknown(err));
      return verdict === 'allowed' ? route(request) : refusals[verdict];
    };
  }

  #unknown(err: unknown): Verdict {
    const hint = err instanceof ForbiddenError ? 'grant create on tokenreviews and subjectaccessreviews' : undefined;
    this.#options.logger.warn({ err, hint }, 'could not find out who asks for metrics');
    return 'unknown';
  }

  async #verdict(token: string, path: string): Promise<Verdict> {
    // Not the token itself: memory may be dumped.
    const key = createHash('sha256').update(`${path} ${token}`).digest('base64');
    const known = this.#answers.get(key);
    if (known && known.until > this.#now()) return known.verdict;
    const verdict = await this.#review(token, path);
    this.#answers.delete(key);
    const { mostAnswers = MOST_ANSWERS } = this.#options;
    const [oldest] = this.#answers.keys();
    if (oldest !== undefined && this.#answers.size >= mostAnswers) this.#answers.delete(oldest);
    this.#answers.set(key, { verdict, until: this.#now() + (verdict === 'allowed' ? ALLOWED_MS : REFUSED_MS) });
    return verdict;
  }

  async #review(token: string, path: string): Promise<Verdict> {
    const { status: identity } = await this.#ask<TokenReview>('authentication.k8s.io', 'TokenReview', { token });
    if (!identity?.authenticated) return 'unauthenticated';
    const { username: user, uid, groups, extra } = identity.user ?? {};
    const nonResourceAttributes = { path, verb: 'get' };
    const spec = { user, uid, groups, extra, nonResourceAttributes };
    const { status: access } = await this.#ask<SubjectAccessReview>(
      'authorization.k8s.io',
      'SubjectAccessReview',
      spec,
    );
    return access?.allowed ? 'allowed' : 'forbidden';
  }

  #ask<T>(group: string, kind: 'TokenReview' | 'SubjectAccessReview', spec: object): Promise<T> {
    const apiVersion = `${group}/v1`;
    const path = resourcePath({ apiVersion, resource: `${kind.toLowerCase()}s` });
    const body = { apiVersion, kind, spec };
    return this.#options.transport.request<T>({ method: 'POST', path, body, timeoutMs: TIMEOUT_MS });
  }
}
