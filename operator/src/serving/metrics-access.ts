// Authenticates and authorizes readers of metrics as controller-runtime's WithAuthenticationAndAuthorization does: a
// TokenReview of the bearer token, then a SubjectAccessReview of the path. Verdicts are cached for a short time, and made-up
// tokens cause a bounded number of reviews.
import { createHash } from 'node:crypto';
import { ForbiddenError, type KubeTransport, resourcePath } from '@konductor/client';
import type { Logger } from '../framework/logger.ts';
import type { Route, Routes } from './http-server.ts';
import type { RouteResponse } from './one-request.ts';

const ALLOWED_MS = 60_000;
const DENIED_MS = 10_000;
/** Bounds the memory that made-up tokens can take. */
const MAX_VERDICTS = 1_000;
/** As controller-runtime's client. */
const REVIEWS_PER_SECOND = 20;
/** Both reviews end before the connection does. */
const TIMEOUT_MS = 4_000;

const rejections = {
  unauthenticated: { code: 401, body: 'unauthorized\n' },
  forbidden: { code: 403, body: 'forbidden: requires permission to get this nonResourceURL\n' },
  busy: { code: 429, body: 'too many unknown tokens, retry later\n' },
  failed: { code: 500, body: 'authentication failed\n' },
} satisfies Record<string, RouteResponse>;

type Verdict = 'allowed' | keyof typeof rejections;

interface TokenReview {
  readonly status?: {
    readonly authenticated?: boolean;
    readonly user?: Readonly<Partial<Record<'username' | 'uid' | 'groups' | 'extra', unknown>>>;
  };
}

interface SubjectAccessReview {
  readonly status?: { readonly allowed?: boolean };
}

export interface MetricsAccessOptions {
  readonly transport: KubeTransport;
  readonly logger: Logger;
  /** Beyond this number the oldest rejections are dropped, then the oldest verdicts; 1,000 unless given. */
  readonly maxVerdicts?: number;
  /** Milliseconds of a monotonic clock, for tests. */
  readonly now?: () => number;
}

export class MetricsAccess {
  readonly #options: MetricsAccessOptions;
  readonly #now: () => number;
  readonly #verdicts = new Map<string, { readonly verdict: Verdict; readonly until: number }>();
  /** When the reviews of unknown tokens in the last second began. */
  #recentReviews: readonly number[] = [];

  constructor(options: MetricsAccessOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
  }

  /** The same routes, for authorized clients only. */
  guard(routes: Routes): Routes {
    return Object.fromEntries(Object.entries(routes).map(([path, route]) => [path, this.#guarded(route)]));
  }

  #guarded(route: Route): Route {
    return async (request) => {
      const token = /^Bearer +(\S+)$/i.exec(request.authorization ?? '')?.[1];
      if (token === undefined) return rejections.unauthenticated;
      const verdict = await this.#verdict(token, request.path).catch((err) => this.#fail(err));
      return verdict === 'allowed' ? route(request) : rejections[verdict];
    };
  }

  #fail(err: unknown): Verdict {
    const hint = err instanceof ForbiddenError ? 'grant create on tokenreviews and subjectaccessreviews' : undefined;
    this.#options.logger.warn({ err, hint }, 'authenticating or authorizing a metrics client failed');
    return 'failed';
  }

  async #verdict(token: string, path: string): Promise<Verdict> {
    // A hash in place of the token: memory may be dumped.
    const key = createHash('sha256').update(`${path} ${token}`).digest('base64');
    const known = this.#verdicts.get(key);
    if (known && known.until > this.#now()) return known.verdict;
    // Made-up tokens do not keep out a client that was allowed before.
    if (known?.verdict !== 'allowed' && !this.#mayReview()) return 'busy';
    const verdict = await this.#review(token, path);
    this.#keep(key, verdict);
    return verdict;
  }

  #mayReview(): boolean {
    const now = this.#now();
    const recent = this.#recentReviews.filter((at) => at > now - 1_000);
    const isFree = recent.length < REVIEWS_PER_SECOND;
    this.#recentReviews = isFree ? [...recent, now] : recent;
    return isFree;
  }

  #keep(key: string, verdict: Verdict): void {
    const verdicts = this.#verdicts;
    verdicts.delete(key);
    if (verdicts.size >= (this.#options.maxVerdicts ?? MAX_VERDICTS)) {
      const [oldest = key] = verdicts.keys();
      const rejected = [...verdicts].find(([, { verdict: kept }]) => kept !== 'allowed');
      verdicts.delete(rejected?.[0] ?? oldest);
    }
    verdicts.set(key, { verdict, until: this.#now() + (verdict === 'allowed' ? ALLOWED_MS : DENIED_MS) });
  }

  async #review(token: string, path: string): Promise<Verdict> {
    const { status: identity } = await this.#create<TokenReview>('authentication.k8s.io', 'TokenReview', { token });
    if (!identity?.authenticated) return 'unauthenticated';
    const { username: user, uid, groups, extra } = identity.user ?? {};
    const nonResourceAttributes = { path, verb: 'get' };
    const spec = { user, uid, groups, extra, nonResourceAttributes };
    const { status: access } = await this.#create<SubjectAccessReview>(
      'authorization.k8s.io',
      'SubjectAccessReview',
      spec,
    );
    return access?.allowed ? 'allowed' : 'forbidden';
  }

  #create<T>(group: string, kind: 'TokenReview' | 'SubjectAccessReview', spec: object): Promise<T> {
    const apiVersion = `${group}/v1`;
    const path = resourcePath({ apiVersion, resource: `${kind.toLowerCase()}s` });
    const body = { apiVersion, kind, spec };
    return this.#options.transport.request<T>({ method: 'POST', path, body, timeoutMs: TIMEOUT_MS });
  }
}
